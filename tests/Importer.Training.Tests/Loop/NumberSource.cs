using static TorchSharp.torch;

namespace Importer.Training.Tests;

/// <summary>Windows of a made-up sequence with something to learn in it; each window is a function of its number.</summary>
internal sealed class NumberSource(int vocabSize, int blockSize, long samplesPerEpoch = 64, int ignoreEvery = 0) : IBatchSource
{
    public List<long> Read { get; } = [];

    public long? SamplesPerEpoch => samplesPerEpoch;

    TokenBatch IBatchSource.Read(long firstSample, int count)
    {
        long[] ids = new long[count * blockSize], targets = new long[count * blockSize];
        for (int i = 0; i < count; i++)
        {
            long sample = (firstSample + i) % samplesPerEpoch, token = sample * 7 % vocabSize;
            Read.Add(firstSample + i);
            for (int t = 0; t < blockSize; t++)
            {
                ids[i * blockSize + t] = token;
                token = (token * 3 + 1 + sample % 2) % vocabSize;
                targets[i * blockSize + t] = ignoreEvery > 0 && t % ignoreEvery == 0 ? -100 : token;
            }
        }

        return new TokenBatch(tensor(ids).view(count, blockSize), tensor(targets).view(count, blockSize));
    }
}
