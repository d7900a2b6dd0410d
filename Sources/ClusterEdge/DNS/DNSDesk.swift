import ClusterKit
import NIOCore

/// What the sockets of one event loop share: the zone, the turn, the counts and memory to write into. It belongs to
/// that loop, so nothing here is locked.
final class DNSDesk {
    /// What is answered from.
    var zone: DNSZone
    /// What was counted.
    var counts = DNSCounts()
    /// How many TCP connections are open.
    var connections = 0
    private var turn: UInt64 = 0
    private var stream = ByteBuffer()

    /// Answers from `zone`.
    init(zone: DNSZone) { self.zone = zone }

    /// Answers a datagram behind what is in `answers` already; says how long that is, 0 for silence.
    func answer(_ packet: ByteBuffer, behind answers: inout ByteBuffer) -> Int {
        write(packet, over: .udp, limit: DNSTransport.datagramLimit, into: &answers)
    }

    /// Answers a message of a connection, with its length before it; `nil` for silence.
    func answer(_ packet: ByteBuffer) -> ByteBuffer? {
        stream.clear()
        stream.writeInteger(UInt16(0))
        let length = write(packet, over: .tcp, limit: DNSTransport.streamLimit, into: &stream)
        guard length > 0 else { return nil }
        stream.setInteger(UInt16(clamping: length), at: 0)
        // A copy of just that length: the connection may keep it for long.
        return ByteBuffer(bytes: stream.readableBytesView)
    }

    /// What was counted since the last time, and how things stand.
    func takeSamples() -> [Sample] {
        counts.take() + [
            Sample(.dnsConnections, [], .value(Double(connections))),
            Sample(.dnsNames, [], .value(Double(zone.nameCount))),
        ]
    }

    private func write(
        _ packet: ByteBuffer, over transport: DNSTransport, limit: Int, into buffer: inout ByteBuffer
    ) -> Int {
        turn &+= 1
        var outcome = DNSOutcome()
        packet.withUnsafeReadableBytes { packet in
            _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { memory in
                outcome = zone.answer(packet, over: transport, turn: turn, into: memory)
                return outcome.length
            }
        }
        counts.count(outcome, over: transport)
        return outcome.length
    }
}
