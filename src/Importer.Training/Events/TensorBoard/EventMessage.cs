using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Importer.Training.Events;

/// <summary>
/// TensorFlow's Event in protocol buffers, as far as scalars need it
/// (https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto and core/framework/summary.proto).
/// </summary>
internal static class EventMessage
{
    // Wire types in the low three bits.
    private const byte Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    /// <summary>The first of a file.</summary>
    public static byte[] FileVersion(double wallTime, long step)
    {
        var message = Begin(wallTime, step);
        WriteBytes(message, 3, "brain.Event:2"u8);
        return message.WrittenSpan.ToArray();
    }

    /// <summary>A start: readers forget what earlier files have at this step and after it.</summary>
    public static byte[] SessionStart(double wallTime, long step)
    {
        var message = Begin(wallTime, step);
        WriteBytes(message, 7, [1 << 3 | Varint, 1]);
        return message.WrittenSpan.ToArray();
    }

    public static byte[] Scalars(double wallTime, long step, ReadOnlySpan<(string Tag, double Value)> scalars)
    {
        var summary = new ArrayBufferWriter<byte>();
        foreach (var (tag, value) in scalars)
        {
            var item = new ArrayBufferWriter<byte>();
            WriteBytes(item, 1, Encoding.UTF8.GetBytes(tag));
            WriteTag(item, 2, Fixed32);
            BinaryPrimitives.WriteSingleLittleEndian(item.GetSpan(sizeof(float)), (float)value);
            item.Advance(sizeof(float));
            WriteBytes(summary, 1, item.WrittenSpan);
        }

        var message = Begin(wallTime, step);
        WriteBytes(message, 5, summary.WrittenSpan);
        return message.WrittenSpan.ToArray();
    }

    private static ArrayBufferWriter<byte> Begin(double wallTime, long step)
    {
        var message = new ArrayBufferWriter<byte>();
        WriteTag(message, 1, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(message.GetSpan(sizeof(double)), wallTime);
        message.Advance(sizeof(double));
        WriteTag(message, 2, Varint);
        WriteVarint(message, (ulong)step);
        return message;
    }

    private static void WriteBytes(ArrayBufferWriter<byte> message, int field, ReadOnlySpan<byte> content)
    {
        WriteTag(message, field, Bytes);
        WriteVarint(message, (ulong)content.Length);
        message.Write(content);
    }

    private static void WriteTag(ArrayBufferWriter<byte> message, int field, byte wireType) => WriteVarint(message, (ulong)(field << 3 | wireType));

    private static void WriteVarint(ArrayBufferWriter<byte> message, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Put(message, (byte)(value | 0x80));
        }

        Put(message, (byte)value);
    }

    private static void Put(ArrayBufferWriter<byte> message, byte value)
    {
        message.GetSpan(1)[0] = value;
        message.Advance(1);
    }
}
