import Testing

/// Test vectors of NIST's validation program for AES-256 in Galois/counter mode (CAVS 14.0, GCMVS): 96 bits of nonce,
/// 128 bits of tag.
struct AESGCMVector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let key: [UInt8]
    let nonce: [UInt8]
    let plain: [UInt8]
    let associated: [UInt8]
    let sealed: [UInt8]

    init(_ name: String, key: String, nonce: String, plain: String = "", aad: String, cipher: String, tag: String) {
        testDescription = name
        self.key = Self.bytes(key)
        self.nonce = Self.bytes(nonce)
        self.plain = Self.bytes(plain)
        associated = Self.bytes(aad)
        sealed = Self.bytes(cipher + tag)
    }

    static func bytes(_ digits: String) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
    }

    /// The first of several sections of gcmEncryptExtIV256.rsp.
    static let encrypt = [
        AESGCMVector(
            "PTlen 0, AADlen 0",
            key: "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
            nonce: "516c33929df5a3284ff463d7",
            plain: "",
            aad: "",
            cipher: "",
            tag: "bdc1ac884d332457a1d2664f168c76f0"),
        AESGCMVector(
            "PTlen 128, AADlen 0",
            key: "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
            nonce: "0d18e06c7c725ac9e362e1ce",
            plain: "2db5168e932556f8089a0622981d017d",
            aad: "",
            cipher: "fa4362189661d163fcd6a56d8bf0405a",
            tag: "d636ac1bbedd5cc3ee727dc2ab4a9489"),
        AESGCMVector(
            "PTlen 128, AADlen 128",
            key: "92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b",
            nonce: "ac93a1a6145299bde902f21a",
            plain: "2d71bcfa914e4ac045b2aa60955fad24",
            aad: "1e0889016f67601c8ebea4943bc23ad6",
            cipher: "8995ae2e6df3dbf96fac7b7137bae67f",
            tag: "eca5aa77d51d4a0a14d9c51e1da474ab"),
        AESGCMVector(
            "PTlen 128, AADlen 160",
            key: "83688deb4af8007f9b713b47cfa6c73e35ea7a3aa4ecdb414dded03bf7a0fd3a",
            nonce: "0b459724904e010a46901cf3",
            plain: "33d893a2114ce06fc15d55e454cf90c3",
            aad: "794a14ccd178c8ebfd1379dc704c5e208f9d8424",
            cipher: "cc66bee423e3fcd4c0865715e9586696",
            tag: "0fb291bd3dba94a1dfd8b286cfb97ac5"),
        AESGCMVector(
            "PTlen 256, AADlen 384",
            key: "dc776f0156c15d032623854b625c61868e5db84b7b6f9fbd3672f12f0025e0f6",
            nonce: "67130951c4a57f6ae7f13241",
            plain: "9378a727a5119595ad631b12a5a6bc8a91756ef09c8d6eaa2b718fe86876da20",
            aad: "fd0920faeb7b212932280a009bac969145e5c316cf3922622c3705c3457c4e9f124b2076994323fbcfb523f8ed16d241",
            cipher: "6d958c20870d401a3c1f7a0ac092c97774d451c09f7aae992a8841ff0ab9d60d",
            tag: "b876831b4ecd7242963b040aa45c4114"),
        AESGCMVector(
            "PTlen 408, AADlen 0",
            key: "1fded32d5999de4a76e0f8082108823aef60417e1896cf4218a2fa90f632ec8a",
            nonce: "1f3afa4711e9474f32e70462",
            plain: "06b2c75853df9aeb17befd33cea81c630b0fc53667ff45199c629c8e15dce41e530aa792f796b8138eeab2e86c7b7bee"
                + "1d40b0",
            aad: "",
            cipher: "91fbd061ddc5a7fcc9513fcdfdc9c3a7c5d4d64cedf6a9c24ab8a77c36eefbf1c5dc00bc50121b96456c8cd8b6ff1f8b"
                + "3e480f",
            tag: "30096d340f3d5c42d82a6f475def23eb"),
        AESGCMVector(
            "PTlen 408, AADlen 128",
            key: "5fe01c4baf01cbe07796d5aaef6ec1f45193a98a223594ae4f0ef4952e82e330",
            nonce: "bd587321566c7f1a5dd8652d",
            plain: "881dc6c7a5d4509f3c4bd2daab08f165ddc204489aa8134562a4eac3d0bcad7965847b102733bb63d1e5c598ece0c3e5"
                + "dadddd",
            aad: "9013617817dda947e135ee6dd3653382",
            cipher: "16e375b4973b339d3f746c1c5a568bc7526e909ddff1e19c95c94a6ccff210c9a4a40679de5760c396ac0e2ceb1234f9"
                + "f5fe26",
            tag: "abd3d26d65a6275f7a4f56b422acab49"),
        AESGCMVector(
            "PTlen 408, AADlen 160",
            key: "24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f",
            nonce: "9ff18563b978ec281b3f2794",
            plain: "27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86757accb158bd9abb3868fdc0d0b074b5"
                + "f01b2c",
            aad: "adb5ec720ccf9898500028bf34afccbcaca126ef",
            cipher: "eb7cb754c824e8d96f7c6d9b76c7d26fb874ffbf1d65c6f64a698d839b0b06145dae82057ad55994cf59ad7f67c0fa5e"
                + "85fab8",
            tag: "bc95c532fecc594c36d1550286a7a3f0"),
    ]

    /// Some that gcmDecrypt256.rsp says must fail: the tag is wrong.
    static let fail = [
        AESGCMVector(
            "PTlen 0, AADlen 0",
            key: "e5a8123f2e2e007d4e379ba114a2fb66e6613f57c72d4e4f024964053028a831",
            nonce: "51e43385bf533e168427e1ad",
            aad: "",
            cipher: "",
            tag: "38fe845c66e66bdd884c2aecafd280e6"),
        AESGCMVector(
            "PTlen 128, AADlen 0",
            key: "c997768e2d14e3d38259667a6649079de77beb4543589771e5068e6cd7cd0b14",
            nonce: "835090aed9552dbdd45277e2",
            aad: "",
            cipher: "9f6607d68e22ccf21928db0986be126e",
            tag: "f32617f67c574fd9f44ef76ff880ab9f"),
        AESGCMVector(
            "PTlen 128, AADlen 128",
            key: "9a0343f850a6427120f764789ffec6d237447b898fbf51d2182f065d3861497d",
            nonce: "3deef6f453dd70d92143adcd",
            aad: "dbb8226a624520863db6897017b2a4f8",
            cipher: "e93165935ac18e3a2845d15fe31a9286",
            tag: "f5fc50d18766bc3d9e16dd136d45816b"),
        AESGCMVector(
            "PTlen 256, AADlen 384",
            key: "fff8747f38466904e99409f9dd8ed202f0e1a3e9e4768fe7f3a0b39c523bbbef",
            nonce: "bd4ea7d286dfc0948145e37d",
            aad: "d95546e9a05a8363f848419ce4d96f148a2d722f2bc15e5b6599b7eef1fb8ac52b3a2cf97cd6fecc67fa0bde6367b575",
            cipher: "e8b7aed2ece9207ec158dc6d9b6fbf941197964820a9b0e5d8d30969c89b3e77",
            tag: "2379d116e1152171fbc184bc8b760845"),
        AESGCMVector(
            "PTlen 408, AADlen 0",
            key: "28ae911ee685872d906de12d7696351df8ef2234a74a95efa4ea15b327338fe0",
            nonce: "2fe6a815d4865181fade5fac",
            aad: "",
            cipher: "1168442ef64656ef6577fb42c1919c84aae856388e4db9945bb8c9b8412bbe6458bc400444d5d2bf2630f83468f66f9e"
                + "46e790",
            tag: "b75f616fd1a3d6563b62b899e5a7e522"),
        AESGCMVector(
            "PTlen 408, AADlen 160",
            key: "e9d381a9c413bee66175d5586a189836e5c20f5583535ab4d3f3e612dc21700e",
            nonce: "23e81571da1c7821c681c7ca",
            aad: "6f39c9ae7b8e8a58a95f0dd8ea6a9087cbccdfd6",
            cipher: "a25f3f580306cd5065d22a6b7e9660110af7204bb77d370f7f34bee547feeff7b32a596fce29c9040e68b1589aad48da"
                + "881990",
            tag: "5b6dcd70eefb0892fab1539298b92a4b"),
    ]
}
