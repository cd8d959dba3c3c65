using System.Buffers.Binary;

namespace MLNet.Papers.Elmo;

/// <summary>
/// Looks through the headers of an HDF5 file for lengths that the file cannot hold. The library that reads such files takes the memory a header claims before
/// it reads; a damaged header of a few bytes could so ask for gigabytes.
/// </summary>
/// <remarks>Only what claims a length is looked at; all else is left to the library. See the HDF5 File Format Specification, version 3.0.</remarks>
internal sealed class Hdf5Claims
{
    private const int MaxDepth = 64;

    // Of the specification: the numbers of messages that claim lengths or lead on to further headers.
    private const int OldFillValue = 4, FillValue = 5, Link = 6, Layout = 8, Attribute = 12, Continuation = 16, SymbolTable = 17;

    private readonly FileStream _file;
    private readonly HashSet<ulong> _seen = [];
    private ulong _base;
    private int _addressSize, _lengthSize;

    private Hdf5Claims(FileStream file) => _file = file;

    /// <exception cref="FormatException">A header claims more than the file has.</exception>
    public static void Check(FileStream file) => new Hdf5Claims(file).CheckFile();

    private static FormatException Fault(string what) => new($"{what}; the file is damaged or cut off.");

    private void CheckFile()
    {
        ReadOnlySpan<byte> signature = [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];
        for (long start = 0; start + 9 <= _file.Length; start = start == 0 ? 512 : start * 2)
        {
            if (Bytes((ulong)start, 8, "the signature").Span.SequenceEqual(signature))
            {
                CheckSuperblock((ulong)start + 8);
                return;
            }
        }
    }

    private void CheckSuperblock(ulong at)
    {
        Block block = Bytes(at, (int)Math.Min(96, (ulong)_file.Length - at), "the superblock");
        int version = block.Byte();
        if (version < 2)
            block.Skip(4);
        (_addressSize, _lengthSize) = (block.Byte(), block.Byte());
        if (_addressSize is not (2 or 4 or 8) || _lengthSize is not (2 or 4 or 8))
            throw Fault($"the superblock has addresses of {_addressSize} and lengths of {_lengthSize} bytes");
        switch (version)
        {
            case 0 or 1:
                block.Skip(version == 0 ? 9 : 13);
                _base = block.Number(_addressSize);
                block.Skip(4 * _addressSize);  // free space, end of file, driver, and the name of the root
                CheckObject(block.Number(_addressSize), 0);
                break;
            case 2 or 3:
                block.Skip(1);
                _base = block.Number(_addressSize);
                ulong extension = block.Number(_addressSize);
                block.Skip(_addressSize);
                CheckObject(block.Number(_addressSize), 0);
                if (!IsUndefined(extension))
                    CheckObject(extension, 0);
                break;
        }
    }

    private bool IsUndefined(ulong address) => address == ulong.MaxValue >> (64 - (8 * _addressSize));

    private void CheckObject(ulong address, int depth)
    {
        if (depth > MaxDepth)
            throw Fault($"groups are nested more than {MaxDepth} deep");
        if (!_seen.Add(address))
            return;
        Require(_base + address, 0, "an object header");
        Block start = Bytes(_base + address, Math.Min(16, (ulong)_file.Length - _base - address), "an object header");
        if (start.Span.StartsWith("OHDR"u8))
        {
            start.Skip(5);
            int flags = start.Byte(), sizeBytes = 1 << (flags & 3), before = 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
            Block size = Bytes(_base + address + (ulong)before, sizeBytes, "the size of an object header");
            ulong length = size.Number(sizeBytes);
            CheckMessages(Bytes(_base + address + (ulong)(before + sizeBytes), length, "an object header"), (flags & 0x04) != 0, isOld: false, depth);
        }
        else
        {
            start.Skip(8);
            CheckMessages(Bytes(_base + address + 16, start.Number(4), "an object header"), hasOrder: false, isOld: true, depth);
        }
    }

    private void CheckMessages(Block block, bool hasOrder, bool isOld, int depth)
    {
        int head = isOld ? 8 : hasOrder ? 6 : 4;
        while (block.Left >= head)
        {
            int kind = isOld ? (int)block.Number(2) : block.Byte();
            ulong size = block.Number(2);
            int flags = block.Byte();
            block.Skip(head - (isOld ? 5 : 4));
            Block message = block.Part(size, "a message of an object header");
            bool isElsewhere = (flags & 0x02) != 0 && (kind is OldFillValue or FillValue or Attribute);
            if (kind == Continuation)
                CheckContinuation(message, hasOrder, isOld, depth);
            else if (!isElsewhere)
                CheckMessage(kind, message, depth);
        }
    }

    private void CheckContinuation(Block message, bool hasOrder, bool isOld, int depth)
    {
        ulong address = message.Number(_addressSize), length = message.Number(_lengthSize);
        if (!_seen.Add(address))
            return;
        Block block = Bytes(_base + address, length, "a continued object header");
        if (!isOld)
            block = block.Inner(start: 4, end: 4);  // signature and checksum
        CheckMessages(block, hasOrder, isOld, depth);
    }

    private void CheckMessage(int kind, Block message, int depth)
    {
        switch (kind)
        {
            case Link:
                CheckLink(message, depth);
                break;
            case SymbolTable:
                CheckGroup(message.Number(_addressSize), message.Number(_addressSize), depth);
                break;
            case OldFillValue:
                message.Part(message.Number(4), "a fill value");
                break;
            case FillValue:
                CheckFillValue(message);
                break;
            case Layout:
                CheckLayout(message);
                break;
            case Attribute:
                CheckAttribute(message);
                break;
        }
    }

    private void CheckLink(Block message, int depth)
    {
        message.Skip(1);
        int flags = message.Byte();
        int type = (flags & 0x08) != 0 ? message.Byte() : 0;
        message.Skip(((flags & 0x04) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        message.Part(message.Number(1 << (flags & 3)), "the name of a link");
        if (type == 0)
            CheckObject(message.Number(_addressSize), depth + 1);
        else
            message.Part(message.Number(2), "the target of a link");
    }

    private static void CheckFillValue(Block message)
    {
        int version = message.Byte();
        bool isDefined;
        if (version == 3)
        {
            isDefined = (message.Byte() & 0x20) != 0;
        }
        else
        {
            message.Skip(2);
            isDefined = message.Byte() != 0 || version == 1;
        }

        if (isDefined)
            message.Part(message.Number(4), "a fill value");
    }

    private static void CheckLayout(Block message)
    {
        const int compact = 0;
        int version = message.Byte();
        if (version < 3)
        {
            int rank = message.Byte(), layout = message.Byte();
            message.Skip(5);
            if (layout != compact)
                return;
            message.Skip(4 * rank);
            message.Part(message.Number(4), "a compact array");
        }
        else if (message.Byte() == compact)
        {
            message.Part(message.Number(2), "a compact array");
        }
    }

    private void CheckAttribute(Block message)
    {
        int version = message.Byte(), flags = message.Byte();
        ulong name = message.Number(2), type = message.Number(2), space = message.Number(2);
        message.Skip(version == 3 ? 1 : 0);
        ulong Padded(ulong size) => version == 1 ? (size + 7) & ~7ul : size;
        message.Part(Padded(name), "the name of an attribute");
        Block typePart = message.Part(Padded(type), "the type of an attribute"), spacePart = message.Part(Padded(space), "the shape of an attribute");
        if ((flags & 3) != 0)
            return;
        typePart.Skip(4);
        UInt128 bytes = typePart.Number(4);
        int spaceVersion = spacePart.Byte(), rank = spacePart.Byte();
        spacePart.Skip(spaceVersion == 1 ? 6 : 2);
        for (int i = 0; i < rank; i++)
            bytes = UInt128.Min(bytes * spacePart.Number(_lengthSize), ulong.MaxValue);
        message.Part((ulong)bytes, "the value of an attribute");
    }

    // A group in the older form: names in a heap, members in a tree.
    private void CheckGroup(ulong tree, ulong heap, int depth)
    {
        Block block = Bytes(_base + heap, (ulong)(8 + (2 * _lengthSize) + _addressSize), "the heap of a group");
        block.Skip(8);
        ulong size = block.Number(_lengthSize);
        block.Skip(_lengthSize);
        Require(_base + block.Number(_addressSize), size, "the names of a group");
        CheckTree(tree, depth);
    }

    private void CheckTree(ulong address, int depth)
    {
        if (depth > MaxDepth)
            throw Fault($"groups are nested more than {MaxDepth} deep");
        if (!_seen.Add(address))
            return;
        Block head = Bytes(_base + address, (ulong)(8 + (2 * _addressSize)), "a node of a group");
        head.Skip(5);
        bool isLeaf = head.Byte() == 0;
        int children = (int)head.Number(2);
        Block body = Bytes(_base + address + (ulong)(8 + (2 * _addressSize)), (ulong)(children * (_lengthSize + _addressSize)), "a node of a group");
        for (int i = 0; i < children; i++)
        {
            body.Skip(_lengthSize);
            ulong child = body.Number(_addressSize);
            if (isLeaf)
                CheckMembers(child, depth);
            else
                CheckTree(child, depth + 1);
        }
    }

    private void CheckMembers(ulong address, int depth)
    {
        if (!_seen.Add(address))
            return;
        Block head = Bytes(_base + address, 8, "the members of a group");
        head.Skip(6);
        int members = (int)head.Number(2), size = (2 * _addressSize) + 24;
        Block body = Bytes(_base + address + 8, (ulong)(members * size), "the members of a group");
        for (int i = 0; i < members; i++)
        {
            Block member = body.Part((ulong)size, "a member of a group");
            member.Skip(_addressSize);
            CheckObject(member.Number(_addressSize), depth + 1);
        }
    }

    private void Require(ulong address, ulong length, string what)
    {
        if (address > (ulong)_file.Length || length > (ulong)_file.Length - address)
            throw Fault($"{what} claims {length} bytes at {address} of {_file.Length}");
    }

    private Block Bytes(ulong address, ulong length, string what)
    {
        Require(address, length, what);
        byte[] bytes = new byte[length];
        int read = RandomAccess.Read(_file.SafeFileHandle, bytes, (long)address);
        return read == bytes.Length ? new Block(bytes) : throw Fault($"{what} ends after {read} of {length} bytes");
    }

    private Block Bytes(ulong address, int length, string what) => Bytes(address, (ulong)length, what);

    /// <summary>Bytes that are read from the first to the last.</summary>
    private sealed class Block(ReadOnlyMemory<byte> bytes)
    {
        private int _at;

        public ReadOnlySpan<byte> Span => bytes.Span;

        public int Left => bytes.Length - _at;

        public void Skip(int count) => Take((ulong)count, "a header");

        public int Byte() => (int)Number(1);

        public ulong Number(int size)
        {
            Span<byte> wide = stackalloc byte[sizeof(ulong)];
            wide.Clear();
            Take((ulong)size, "a header").Span.CopyTo(wide);
            return BinaryPrimitives.ReadUInt64LittleEndian(wide);
        }

        public Block Part(ulong length, string what) => new(Take(length, what));

        public Block Inner(int start, int end) => Left >= start + end ? new(bytes[start..^end]) : throw Fault("a continued object header is empty");

        private ReadOnlyMemory<byte> Take(ulong length, string what)
        {
            if (length > (ulong)Left)
                throw Fault($"{what} claims {length} bytes, but {Left} are left");
            ReadOnlyMemory<byte> taken = bytes.Slice(_at, (int)length);
            _at += (int)length;
            return taken;
        }
    }
}
