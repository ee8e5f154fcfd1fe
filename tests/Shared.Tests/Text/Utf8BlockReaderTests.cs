using System.Text;
using SharedSource.Text;

namespace SharedSource.Tests.Text;

public sealed class Utf8BlockReaderTests
{
    private const string Text = "a é 生 😀\r\n";

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 4)]
    [InlineData(64, 3)]
    [InlineData(64, 64)]
    public void Characters_that_are_cut_by_blocks_come_out_whole(int blockSize, int step)
    {
        string text = string.Concat(Enumerable.Repeat(Text, 20));
        using Reader all = new(Encoding.UTF8.GetBytes(text), blockSize, step), one = new(Encoding.UTF8.GetBytes(text), blockSize, step);

        Assert.Equal(text, all.ReadToEnd());
        StringBuilder read = new();
        while (one.Peek() is >= 0 and var next)
        {
            Assert.Equal(next, one.Read());
            read.Append((char)next);
        }

        Assert.Equal(text, read.ToString());
        Assert.Equal(-1, one.Read());
    }

    [Fact]
    public void A_block_is_filled_as_far_as_there_is_text()
    {
        using Reader reader = new(Encoding.UTF8.GetBytes(Text), 4, 1);
        char[] block = new char[100];

        Assert.Equal(Text.Length, reader.ReadBlock(block.AsSpan()));
        Assert.Equal(Text, block.AsSpan(0, Text.Length));
        Assert.Equal(0, reader.ReadBlock(block.AsSpan()));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(64, 64)]
    public void A_byte_that_is_no_UTF8_is_told_with_its_place_behind_the_text_before_it(int blockSize, int step)
    {
        using Reader reader = new([.. "line\n生"u8, 0xFF, .. "never"u8], blockSize, step);

        Assert.Equal("line", reader.ReadLine());
        Assert.Equal('生', reader.Read());
        int read = reader.BytesRead;
        Assert.Equal("0xFF at 8", Assert.Throws<FormatException>(() => reader.Read()).Message);
        Assert.Equal("0xFF at 8", Assert.Throws<FormatException>(() => reader.Read()).Message);
        Assert.True(blockSize < 64 || reader.BytesRead == read, "Nobody waits for more to be told of it.");
    }

    [Fact]
    public void A_character_that_the_end_cuts_is_no_UTF8()
    {
        using Reader reader = new([0x61, 0xF0, 0x9F], 64, 64);

        Assert.Equal("0xF0 at 1", Assert.Throws<FormatException>(reader.ReadToEnd).Message);
    }

    [Fact]
    public void What_is_no_UTF8_is_replaced_where_that_is_wanted()
    {
        using Reader reader = new([0x61, 0xF0, 0x9F, 0x62, 0xFF, 0xFF, 0xE7], 4, 4, replaceInvalid: true);

        Assert.Equal("a\uFFFDb\uFFFD\uFFFD\uFFFD", reader.ReadToEnd());
    }

    [Fact]
    public void Text_is_edited_on_the_way_and_only_its_beginning_is_the_first()
    {
        using Reader reader = new("--a-b--c-"u8.ToArray(), 4, 3, edit: true);

        Assert.Equal("^abc", reader.ReadToEnd());
    }

    private sealed class Reader(byte[] bytes, int blockSize, int step, bool replaceInvalid = false, bool edit = false)
        : Utf8BlockReader(blockSize, replaceInvalid)
    {
        public int BytesRead { get; private set; }

        protected override int ReadBytes(Span<byte> buffer, long offset)
        {
            int count = Math.Min(Math.Min(step, buffer.Length), bytes.Length - (int)offset);
            bytes.AsSpan((int)offset, count).CopyTo(buffer);
            BytesRead += count;
            return count;
        }

        protected override Exception Invalid(byte value, long offset) => new FormatException($"0x{value:X2} at {offset}");

        // Leaves dashes out, and marks the beginning where there is one to mark it by.
        protected override int Edit(Span<char> text, bool isFirst)
        {
            if (!edit)
            {
                return text.Length;
            }

            int kept = 0;
            foreach (char c in text)
            {
                if (isFirst && kept == 0 && c == '-')
                {
                    text[kept++] = '^';
                }
                else if (c != '-')
                {
                    text[kept++] = c;
                }
            }

            return kept;
        }
    }
}
