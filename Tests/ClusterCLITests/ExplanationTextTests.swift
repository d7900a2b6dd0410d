import ClusterClient
import FoundationEssentials
import Testing

@testable import ClusterCLI

/// What `cluster job why` and `cluster what-if` print.
@Suite struct ExplanationTextTests {
    private func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    // MARK: Why

    /// An explanation of a group that wants three instances and has one.
    private func why(
        waiting: String = "null", takers: String = "[]", refusals: String = "[]", remedies: String = "[]",
        isNodewise: Bool = false, isVerbose: Bool = false
    ) throws -> String {
        let group: PlacementWire.Group = try decode(
            """
            {"TaskGroup":"app","Count":3,"Placed":1,"AllocID":"","AllocName":"","NodeID":"node-1","Revision":7,
             "Waiting":\(waiting),"Takers":\(takers),"Refusals":\(refusals),"Remedies":\(remedies)}
            """)
        return PlacementText(group: group, isNodewise: isNodewise, isVerbose: isVerbose).text(now: 100_000_000_000)
    }

    @Test func instancesOfNodesAreNotCountedAgainstOne() throws {
        #expect(try why().contains("Placed    = 1 of 3\n"))
        #expect(try why(isNodewise: true).contains("Placed    = 1, one on each node that takes it\n"))
    }

    @Test func whatCountsAsTakenByOthersOfAGangIsSaid() throws {
        let group: PlacementWire.Group = try decode(
            """
            {"TaskGroup":"app","Count":4,"Placed":0,"AllocID":"","AllocName":"","NodeID":"","Revision":7,"Besides":3,
             "Waiting":null,"Takers":[],"Refusals":[],"Remedies":[]}
            """)
        let text = PlacementText(group: group).text(now: 100_000_000_000)
        #expect(
            text.contains("Beside    = the other 3 of its gang: what those take that find room counts as taken"))
        #expect(try !why().contains("Beside"))
    }

    private func waiting(position: Int, ahead: Int, kept: String = "") -> String {
        """
        {"Position":\(position),"InstancesAhead":\(ahead),"Count":2,"Since":35000000000,"Shortages":[],
         "KeptNodeNames":[\(kept.isEmpty ? "" : "\"\(kept)\"")]}
        """
    }

    @Test func whyNotNamesRulesAndWhatWouldHelp() throws {
        let text = try why(
            waiting: waiting(position: 1, ahead: 0, kept: "n3"),
            refusals: """
                [{"Reason":"memory: needs 900 MiB, 20 MiB free","Nodes":["n1","n2"]},
                 {"Reason":"${attr.kernel.name} = darwin","Nodes":["n3"]}]
                """,
            remedies:
                #"["with 880 MiB less memory it fits on n1","without \"${attr.kernel.name} = darwin\" it fits on n3"]"#)
        let expected = """
            Group     = app
            Placed    = 1 of 3
            Waiting   = 2, for 1m5s
            Position  = 1, the next
            Kept node = n3
            Explained = the next instance, at revision 7

            Nodes that would not, by the first rule that fails
            Reason                              Nodes  Names
            memory: needs 900 MiB, 20 MiB free  2      n1, n2
            ${attr.kernel.name} = darwin        1      n3

            What would help
            - with 880 MiB less memory it fits on n1
            - without "${attr.kernel.name} = darwin" it fits on n3
            """
        #expect(text == expected)
        #expect(try why(waiting: waiting(position: 2, ahead: 1)).contains("Position  = 2, behind 1 instance\n"))
        #expect(try why(waiting: waiting(position: 3, ahead: 5)).contains("Position  = 3, behind 5 instances\n"))
    }

    @Test func whyNotNamesWhatTheNodesHave() throws {
        let text = try why(
            refusals: """
                [{"Reason":"${attr.kernel.name} = windows","Nodes":["n1","n2"],
                  "Found":{"Name":"attr.kernel.name","Values":[{"Value":"linux","Nodes":2}],"Others":0}},
                 {"Reason":"${meta.rack} = r1","Nodes":["n3","n4","n5"],
                  "Found":{"Name":"meta.rack","Values":[{"Value":null,"Nodes":2},{"Value":"","Nodes":1}],"Others":3}},
                 {"Reason":"node is not ready","Nodes":["n6"],"Found":null}]
                """)
        let expected = """
            Nodes that would not, by the first rule that fails
            Reason                         They have                      Nodes  Names
            ${attr.kernel.name} = windows  linux                          2      n1, n2
            ${meta.rack} = r1              nothing (2), "" (1), 3 others  3      n3, n4, n5
            node is not ready              -                              1      n6
            """
        #expect(text.hasSuffix(expected))
    }

    @Test func whyShowsPartsAndWhoEnds() throws {
        let plain = """
            {"NodeID":"node-1","NodeName":"n1","Score":0.5,"Parts":{"binpack":1,"node-affinity":-0.0004}}
            """
        let ending = """
            {"NodeID":"node-2","NodeName":"n2","Score":-0.25,"Parts":{"binpack":0.25},
             "Evicting":["aaaaaaaa-1","bbbbbbbb-2"]}
            """
        let both = """
            Nodes that would take it
              Node  Score   binpack  node-affinity  Ends first
            * n1    0.500   1.000    0.000          -
              n2    -0.250  0.250    -              aaaaaaaa, bbbbbbbb
            """
        #expect(try why(takers: "[\(plain),\(ending)]").hasSuffix(both))
        #expect(try !why(takers: "[\(plain)]").contains("Ends first"))
    }

    // MARK: Why, in clusters

    private func names(_ numbers: ClosedRange<Int>) -> [String] { numbers.map { "vm-\($0 < 10 ? "0" : "")\($0)" } }

    private func taker(_ name: String) -> String { "{\"NodeID\":\"\(name)\",\"NodeName\":\"\(name)\",\"Score\":1}" }

    private func refused(_ reason: String, _ names: [String], has value: String? = nil) -> String {
        let found = value.map {
            "{\"Name\":\"meta.a\",\"Values\":[{\"Value\":\"\($0)\",\"Nodes\":\(names.count)}],\"Others\":0}"
        }
        let list = names.map { "\"\($0)\"" }.joined(separator: ",")
        return "{\"Reason\":\"\(reason)\",\"Nodes\":[\(list)],\"Found\":\(found ?? "null")}"
    }

    /// How often each of `names` stands in `text`.
    private func count(_ names: [String], in text: String) -> Set<Int> {
        let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "-" }
        return Set(names.map { name in words.count { $0 == name } })
    }

    @Test func eachNodeOfAClusterIsNamedOnce() throws {
        let text = try why(
            takers: "[\(names(1...2).map(taker).joined(separator: ","))]",
            refusals: "[\(refused("${meta.a} = x", names(3...37))),\(refused("node is not ready", names(38...39)))]")
        #expect(count(names(1...39), in: text) == [1])
        let expected = """
            Reason             Nodes  Names
            ${meta.a} = x      35     vm-03, vm-04, vm-05, vm-06, vm-07, vm-08, vm-09, vm-10, vm-11, vm-12,
                                      vm-13, vm-14, vm-15, vm-16, vm-17, vm-18, vm-19, vm-20, vm-21, vm-22,
                                      vm-23, vm-24, vm-25, vm-26, vm-27, vm-28, vm-29, vm-30, vm-31, vm-32,
                                      vm-33, vm-34, vm-35, vm-36, vm-37
            node is not ready  2      vm-38, vm-39
            """
        #expect(text.hasSuffix(expected), "\(text)")
    }

    @Test func besideLongReasonsNodesStandBelow() throws {
        let reason = "${meta.platforms} set_contains ubuntu2204"
        let text = try why(refusals: "[\(refused(reason, names(1...16), has: "slc7_x86-64,slc8_x86-64"))]")
        let expected = """
            Reason                                     They have                Nodes
                Names
            ${meta.platforms} set_contains ubuntu2204  slc7_x86-64,slc8_x86-64  16
                vm-01, vm-02, vm-03, vm-04, vm-05, vm-06, vm-07, vm-08, vm-09, vm-10, vm-11, vm-12, vm-13,
                vm-14, vm-15, vm-16
            """
        #expect(text.hasSuffix(expected), "\(text)")
    }

    @Test func ofLargeClustersSomeAreNamedUnlessAllAreWanted() throws {
        func text(nodes: Int, isVerbose: Bool = false) throws -> String {
            try why(
                takers: "[\(names(1...12).map(taker).joined(separator: ","))]",
                refusals: "[\(refused("full", names(13...nodes)))]", isVerbose: isVerbose)
        }
        let whole = try text(nodes: 64)
        #expect(count(names(1...64), in: whole) == [1] && !whole.contains("more"))
        let short = try text(nodes: 65)
        #expect(short.contains("  … and 2 more; -verbose shows all") && !short.contains("vm-11"))
        #expect(short.hasSuffix("vm-19, vm-20 and 45 more\n… -verbose names all") && !short.contains("vm-21"))
        let long = try text(nodes: 65, isVerbose: true)
        #expect(count(names(1...65), in: long) == [1] && !long.contains("more") && !long.contains("verbose"))
    }

    // MARK: What if

    private func whatIf(
        placements: String = "[]", stopped: String = "[]", waiting: String = "[]", waits: (Double, Int) = (0, 0),
        failures: String = "[]", tidying: String = "null", more: String = "", isVerbose: Bool = false
    ) throws -> String {
        let packing = #""CPU":0.254,"Memory":1,"Disk":0}"#
        let answer: WhatIfWire = try decode(
            """
            {"Placements":\(placements),"Stopped":\(stopped),"Completed":3,\(more)"Waiting":\(waiting),
             "Waits":{"MedianSeconds":\(waits.0),"P95Seconds":\(waits.0 * 60),"LongestSeconds":\(waits.0 * 1000),
             "Waited":\(waits.1)},"Tidying":\(tidying),"Failures":\(failures),
             "Packing":{"Before":{"Nodes":4,"UsedNodes":3,"LowerBound":2,\(packing),
             "After":{"Nodes":5,"UsedNodes":4,"LowerBound":2,\(packing)}}
            """)
        return WhatIfText(answer: answer, isVerbose: isVerbose).text
    }

    @Test func whatIfTellsAllThatWouldHappen() throws {
        let text = try whatIf(
            placements: #"[{"Name":"a.app[0]","NodeName":"n1","AtSeconds":3700,"WaitSeconds":100,"Evicted":0}]"#,
            stopped: #"[{"Name":"b.app[1]","NodeName":"n2","Reason":"its node is lost"}]"#,
            waiting: """
                [{"JobID":"c","TaskGroup":"app","Count":4,"Shortages":["memory: needs 9 MiB"],
                 "ConstraintFiltered":{"datacenter":1,"node pool":2}}]
                """, waits: (100, 1), failures: #"["d: the job has no groups"]"#)
        let expected = """
            Would start             = 1
            Would be stopped        = 1
            Would end by themselves = 3
            Would wait              = 4
            Waiting times           = median 100s, 95 of 100 within 100m, longest 27h 46m

            Refused
            d: the job has no groups

            Placements
            Instance  Node  After  Waited
            a.app[0]  n1    61m    100s

            Stopped
            Instance  Node  Reason
            b.app[1]  n2    its node is lost

            Waiting, the next first
            Job  Group  Count  What it waits for
            c    app    4      memory: needs 9 MiB; datacenter (1 node); node pool (2 nodes)

            Machines
            State   Nodes  In use  At least  CPU   Memory  Disk
            Before  4      3       2         25 %  100 %   0 %
            After   5      4       2         25 %  100 %   0 %
            """
        #expect(text == expected)
        #expect(try !whatIf().contains("Waiting times"))
    }

    @Test func whatIfTellsWhatItCouldNotPlay() throws {
        let text = try whatIf(more: #""Endless":[{"JobID":"build","Namespace":"default","Count":7}],"Unplayed":2,"#)
        #expect(text.contains("Not played              = 2 submissions come in later; -hours plays more\n"))
        let title = "Never ends here: batch work without max_run_duration, of which nothing says how long it takes"
        #expect(text.contains("\n\(title)\nJob    Instances\nbuild  7\n"), "\(text)")
        let silent = try whatIf(more: #""Endless":[],"Unplayed":0,"#)
        #expect(!silent.contains("Not played") && !silent.contains("Never ends"))
    }

    @Test func whatIfShowsWhatMovesWouldBuy() throws {
        let tidying = """
            {"Moves":[{"Name":"a.app[0]","FromNodeName":"n3","ToNodeName":"n1","Reason":"empties n3"}],
             "Emptied":[{"NodeName":"n3","Moves":1,"CPU":4000,"MemoryMB":4096,"DiskMB":1}]}
            """
        let expected = """
            Moves that would empty machines
            Instance  From  To  Why
            a.app[0]  n3    n1  empties n3

            Machines that would come free
            Node  Moves  CPU       Memory
            n3    1      4000 MHz  4096 MiB

            Machines
            State   Nodes  In use  At least  CPU   Memory  Disk
            Before  4      3       2         25 %  100 %   0 %
            After   5      4       2         25 %  100 %   0 %
            Tidied  5      3       2         25 %  100 %   0 %
            """
        #expect(try whatIf(tidying: tidying).hasSuffix(expected))
        let none = try whatIf(tidying: #"{"Moves":[],"Emptied":[]}"#)
        #expect(none.contains("Moves that would empty machines\nNone: no machine can be emptied with so few."))
    }

    @Test func whatIfCutsLongLists() throws {
        let stops = (1...25).map { #"{"Name":"s\#($0)","NodeName":"n","Reason":"r"}"# }.joined(separator: ",")
        let short = try whatIf(stopped: "[\(stops)]")
        #expect(short.contains("… and 5 more; -verbose shows all") && !short.contains("s21"))
        #expect(try whatIf(stopped: "[\(stops)]", isVerbose: true).contains("s25"))
    }
}
