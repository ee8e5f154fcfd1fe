using System.Runtime.InteropServices;
using Importer.Loading;
using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;
using static TorchSharp.torch;

namespace Importer.Tests.Transfer;

/// <summary>The three ways in which a plan is carried out, which must come to the same.</summary>
internal static class Transfers
{
    /// <summary>The bytes of every row, filled in memory; the other two ways are compared with it.</summary>
    public static Dictionary<string, byte[]> Run(LoadPlan plan, TensorSource source, bool staged = true)
    {
        Dictionary<string, byte[]> filled = Fill(plan, source);
        using RowStream stream = new(source);
        foreach (PlanRow row in plan.Rows)
        {
            using MemoryStream written = new();
            stream.Write(row, written, default);
            Assert.True(filled[row.Target].AsSpan().SequenceEqual(written.ToArray()), $"{row.Target} by {row.Operation}: written");

            using LendingStream lent = new();
            stream.Write(row, lent, default);
            Assert.True(filled[row.Target].AsSpan().SequenceEqual(lent.ToArray()), $"{row.Target} by {row.Operation}: written to lent memory");
        }

        if (staged)
        {
            using var scope = NewDisposeScope();
            foreach (var rows in plan.Rows.GroupBy(row => row.DType))
            {
                using StagedUploader uploader = new(CPU, TorchDTypes.ToTorch(rows.Key)!.Value);
                foreach (PlanRow row in rows)
                {
                    PlannedParameter planned = new(row, row.Shape.Count == 0 ? 1 : row.Shape[0]);
                    long done = 0;
                    using var parameter = uploader.Upload(planned, source, bytes => done += bytes, default);
                    Assert.True(filled[row.Target].AsSpan().SequenceEqual(parameter.bytes), $"{row.Target} by {row.Operation}: staged");
                    Assert.Equal(row.BytesToRead, done);
                }
            }
        }

        return filled;
    }

    private static unsafe Dictionary<string, byte[]> Fill(LoadPlan plan, TensorSource source)
    {
        Dictionary<string, byte[]> filled = [];
        List<GCHandle> pins = [];
        long done = 0;
        try
        {
            PlanExecutor.Execute(
                plan.RowsInFileOrder,
                source,
                row =>
                {
                    byte[] memory = new byte[row.ByteCount];
                    Array.Fill(memory, (byte)0xEE);
                    filled.Add(row.Target, memory);
                    pins.Add(GCHandle.Alloc(memory, GCHandleType.Pinned));
                    return new TransferTarget(pins[^1].AddrOfPinnedObject());
                },
                bytes => Interlocked.Add(ref done, bytes),
                default);
        }
        finally
        {
            pins.ForEach(pin => pin.Free());
        }

        Assert.Equal(plan.Rows.Sum(row => row.BytesToRead), done);
        return filled;
    }
}
