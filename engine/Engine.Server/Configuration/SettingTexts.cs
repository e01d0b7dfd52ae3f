using System.Collections.Frozen;

namespace Engine.Server;

/// <summary>What each setting does, in the words of DescribeConfigs; those of topics under the topic's name.</summary>
internal static class SettingTexts
{
    private static readonly FrozenDictionary<string, string> Texts = new Dictionary<string, string>
    {
        ["advertised.listeners"] = "The address that clients are told to connect to.",
        ["auto.create.topics.enable"] = "Whether a topic that a client asks for by name, and that is not there, is created.",
        ["cleanup.policy"] = "What becomes of old segments. They are deleted; compaction does not exist here.",
        ["cold.read.threads"] = "Threads that read from the disk what consumers ask for and the page cache does not hold.",
        ["compression.type"] = "The codec in which batches are stored: always the one in which the producer sent them.",
        ["fetch.max.bytes"] = "The most bytes that a fetch is answered with, whatever it asks for; a first batch is given whole.",
        ["index.interval.bytes"] = "Bytes of the log between two entries of its offset index.",
        ["listeners"] = "The address that the broker listens on.",
        ["log.dirs"] = "The folder that holds the logs.",
        ["log.flush.interval.messages"] = "A log with so many records that are not on the device is flushed, and the batch that makes up the number waits for it.",
        ["log.flush.interval.ms"] = "A log is flushed when it has had records that are not on the device for so long, in milliseconds.",
        ["log.flush.offset.checkpoint.interval.ms"] = "How often it is written down up to where logs have been flushed.",
        ["log.index.size.max.bytes"] = "A segment whose offset index or time index would take more bytes than this is closed.",
        ["log.retention.check.interval.ms"] = "How often segments are looked for that retention has no use for.",
        ["log.retention.hours"] = "log.retention.ms in hours, where neither that nor the minutes are given.",
        ["log.retention.minutes"] = "log.retention.ms in minutes, where that is not given.",
        ["log.retention.ms"] = "The oldest segments go whose largest timestamp is further back than this; -1 keeps all.",
        ["log.roll.hours"] = "log.roll.ms in hours, where that is not given.",
        ["log.roll.ms"] = "A segment is closed when a batch's timestamp is so many milliseconds behind that of its first.",
        ["log.index.interval.bytes"] = "Bytes of the log between two entries of its offset index.",
        ["log.message.timestamp.after.max.ms"] = "How far a record's timestamp may lie ahead of the broker's clock.",
        ["log.message.timestamp.before.max.ms"] = "How far a record's timestamp may lie behind the broker's clock.",
        ["log.message.timestamp.type"] = "Whose the timestamps of records are: the producer's or, at the append, the broker's.",
        ["log.retention.bytes"] = "The oldest segments go while the log without them is at least this large; -1 keeps all.",
        ["log.segment.bytes"] = "A segment that a batch would take over this is closed.",
        ["max.connections"] = "Connections at the same time; more are closed as they come.",
        ["max.message.bytes"] = "The largest batch that a producer may send.",
        ["message.max.bytes"] = "The largest batch that a producer may send.",
        ["message.timestamp.after.max.ms"] = "How far a record's timestamp may lie ahead of the broker's clock.",
        ["message.timestamp.before.max.ms"] = "How far a record's timestamp may lie behind the broker's clock.",
        ["message.timestamp.type"] = "Whose the timestamps of records are: the producer's or, at the append, the broker's.",
        ["min.insync.replicas"] = "Replicas that have to be in sync for an acknowledgement by all; of one replica, one.",
        ["node.id"] = "The broker's number in the cluster.",
        ["num.network.threads"] = "Event loops. A connection belongs to one of them for life.",
        ["num.partitions"] = "Partitions of a topic that is created without saying how many.",
        ["preallocate"] = "Whether a segment's file is given its full size when it is made. It is not.",
        ["producer.id.expiration.ms"] = "How long a producer that does not append is remembered.",
        ["producer.state.entries.max"] = "Pairs of producer and partition whose last batches are remembered.",
        ["record.validation"] = "How deep a batch is looked into before it is stored: its header and checksum, or every record.",
        ["record.validation.threads"] = "Threads that unpack compressed batches when every record is looked at.",
        ["record.validation.unpacked.max.bytes"] = "The most that a compressed batch may unpack to.",
        ["retention.bytes"] = "The oldest segments go while the log without them is at least this large; -1 keeps all.",
        ["flush.messages"] = "A log with so many records that are not on the device is flushed, and the batch that makes up the number waits for it.",
        ["flush.ms"] = "A log is flushed when it has had records that are not on the device for so long, in milliseconds.",
        ["retention.ms"] = "The oldest segments go whose largest timestamp is further back than this; -1 keeps all.",
        ["segment.index.bytes"] = "A segment whose offset index or time index would take more bytes than this is closed.",
        ["segment.ms"] = "A segment is closed when a batch's timestamp is so many milliseconds behind that of its first.",
        ["segment.bytes"] = "A segment that a batch would take over this is closed.",
        ["socket.receive.buffer.bytes"] = "The kernel's receive buffer of a connection; -1 leaves its size to the kernel.",
        ["socket.request.max.bytes"] = "The largest request; a connection that announces a larger one is closed.",
        ["socket.send.buffer.bytes"] = "The kernel's send buffer of a connection; -1 leaves its size to the kernel.",
        ["technique.batching"] = "Whether the batches of producers are stored whole, or unpacked and every record as a batch of its own.",
        ["unclean.leader.election.enable"] = "Whether a replica that is not in sync may lead. With one replica nothing is ever elected.",
    }.ToFrozenDictionary();

    public static string? Find(string setting) => Texts.GetValueOrDefault(setting);
}
