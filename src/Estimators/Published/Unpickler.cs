using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MLNet.Papers.Published;

/// <summary>A storage that a pickle of PyTorch names.</summary>
internal sealed record StorageReference(string Key, NumberKind Kind, string KindName, int Size, long Count);

/// <summary>A tensor of a pickle of PyTorch: a view of a storage.</summary>
internal sealed record TensorReference(StorageReference Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>
/// Reads what Python's pickle wrote, as far as tensors are made of it: numbers, texts, lists, tuples, dictionaries, storages and views of them. Nothing that
/// a file names is called or made but these.
/// </summary>
/// <remarks>A dictionary, ordered or not, is a <see cref="Dictionary{TKey, TValue}"/>, a list or tuple a list of objects or an array.</remarks>
internal sealed class Unpickler(Stream stream, string file, long longest)
{
    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memory = [];
    private readonly Dictionary<string, StorageReference> _storages = new(StringComparer.Ordinal);

    /// <summary>How many bytes were read.</summary>
    public long Position { get; private set; }

    /// <summary>The storages that were named so far.</summary>
    public IEnumerable<StorageReference> Storages => _storages.Values;

    /// <summary>Reads one object.</summary>
    /// <exception cref="FormatException">The pickle is damaged, or asks for something else.</exception>
    public object? Load()
    {
        _stack.Clear();
        _memory.Clear();
        while (true)
        {
            int code = Byte();
            if (code == '.')
                return Pop();
            Run((char)code);
        }
    }

    private void Run(char code)
    {
        switch (code)
        {
            case '\x80':
                if (Byte() is < 2 or > 5)
                    throw Fault("is of an unknown version");
                break;
            case '\x95':
                Bytes(8);
                break;
            case '}':
                Push(new Dictionary<object, object?>());
                break;
            case ']':
                Push(new List<object?>());
                break;
            case ')':
                Push(Array.Empty<object?>());
                break;
            case '(':
                Push(Mark);
                break;
            case '0':
                Pop();
                break;
            case 'N':
                Push(null);
                break;
            case '\x88':
                Push(true);
                break;
            case '\x89':
                Push(false);
                break;
            case 'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));
                break;
            case 'K':
                Push((long)Byte());
                break;
            case 'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)));
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)));
                break;
            case '\x8a':
                byte[] digits = Bytes(Byte());
                Push(digits.Length <= 8 ? (long)new BigInteger(digits) : digits);
                break;
            case 'X' or 'T':
                Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                break;
            case '\x8c' or 'U':
                Push(Text((uint)Byte()));
                break;
            case 'c':
                Push(Global(Line(), Line()));
                break;
            case '\x93':
                (object? name, object? module) = (Pop(), Pop());
                Push(Global(module as string ?? "", name as string ?? ""));
                break;
            case 'q':
                _memory[Byte()] = Top();
                break;
            case 'r':
                _memory[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Top();
                break;
            case '\x94':
                _memory[_memory.Count] = Top();
                break;
            case 'h':
                Push(Remembered(Byte()));
                break;
            case 'j':
                Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                break;
            case 't':
                Push(ToMark());
                break;
            case '\x85' or '\x86' or '\x87':
                Push(Take(code - '\x84'));
                break;
            case 'a':
                object? item = Pop();
                List().Add(item);
                break;
            case 'e':
                object?[] items = ToMark();
                List().AddRange(items);
                break;
            case 's':
                object?[] pair = Take(2);
                Set(pair);
                break;
            case 'u':
                Set(ToMark());
                break;
            case 'R':
                (object? arguments, object? made) = (Pop(), Pop());
                Push(Call(made as string ?? throw Fault("calls what is no function"), arguments as object?[] ?? throw Fault("calls with no arguments")));
                break;
            case 'b':
                // What is set of an object that was made, as the metadata of a dictionary, is of no use here.
                Pop();
                break;
            case 'Q':
                Push(Storage(Pop() as object?[] ?? []));
                break;
            default:
                throw Fault($"has the instruction 0x{(int)code:x2}, which a dictionary of tensors does not need");
        }
    }

    // A function or type, as its name: what can be called is known by it.
    private static string Global(string module, string name) => $"{module}.{name}";

    private object? Call(string function, object?[] arguments)
    {
        switch (function)
        {
            case "collections.OrderedDict":
                return new Dictionary<object, object?>();
            case "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" when arguments.Length >= 4
                && arguments[0] is StorageReference storage && arguments[1] is long offset && arguments[2] is object?[] shape
                && arguments[3] is object?[] strides:
                return new TensorReference(storage, offset, Lengths(shape), Lengths(strides));
            case "torch._utils._rebuild_parameter" when arguments.Length >= 1:
                return arguments[0];
            default:
                throw Fault($"asks for '{function}', which a dictionary of tensors does not need, and which is not run");
        }
    }

    private long[] Lengths(object?[] numbers) => numbers.Length <= 16 && numbers.All(number => number is long)
        ? [.. numbers.Select(number => (long)number!)]
        : throw Fault("has a shape that is none");

    private StorageReference Storage(object?[] parts)
    {
        if (parts is not ["storage", string type, string key, _, long count, ..] || count < 0)
            throw Fault("refers to something that is no storage");
        string kindName = type.Split('.')[^1];
        (NumberKind kind, int size) = kindName switch
        {
            "FloatStorage" => (NumberKind.Single, 4),
            "DoubleStorage" => (NumberKind.Double, 8),
            "HalfStorage" => (NumberKind.Half, 2),
            "BFloat16Storage" => (NumberKind.Brain, 2),
            "LongStorage" => (NumberKind.Other, 8),
            "IntStorage" => (NumberKind.Other, 4),
            "ShortStorage" => (NumberKind.Other, 2),
            "ByteStorage" or "CharStorage" or "BoolStorage" => (NumberKind.Other, 1),
            _ => throw Fault($"has a storage of the unknown kind '{type}'"),
        };
        if (_storages.TryGetValue(key, out StorageReference? known))
            return known.Kind == kind && known.Size == size && known.Count == count ? known : throw Fault($"has two storages '{key}'");
        return _storages[key] = new(key, kind, kindName, size, count);
    }

    private void Set(object?[] entries)
    {
        if (Top() is not Dictionary<object, object?> dictionary || entries.Length % 2 != 0)
            throw Fault("sets entries of what is no dictionary");
        for (int i = 0; i < entries.Length; i += 2)
            dictionary[entries[i] is string or long ? entries[i]! : throw Fault("has an entry without a name")] = entries[i + 1];
    }

    private List<object?> List() => Top() as List<object?> ?? throw Fault("adds to what is no list");

    private void Push(object? item) => _stack.Add(item);

    private object? Top() => _stack.Count > 0 ? _stack[^1] : throw Fault("takes what is not there");

    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] Take(int count)
    {
        if (_stack.Count < count)
            throw Fault("takes what is not there");
        object?[] items = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] ToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Fault("takes what is not there");
        object?[] items = Take(_stack.Count - mark - 1);
        Pop();
        return items;
    }

    private object? Remembered(long place) => _memory.TryGetValue(place, out object? item) ? item : throw Fault("takes what is not there");

    private int Byte()
    {
        int next = stream.ReadByte();
        if (next < 0 || ++Position > longest)
            throw Fault("is cut short or too long");
        return next;
    }

    private byte[] Bytes(long count)
    {
        // What is claimed is taken in parts, so that memory follows what is there.
        var bytes = new MemoryStream();
        for (long i = 0; i < count; i++)
            bytes.WriteByte((byte)Byte());
        return bytes.ToArray();
    }

    private string Text(uint length) => Encoding.UTF8.GetString(Bytes(length));

    private string Line()
    {
        var line = new StringBuilder();
        for (int next = Byte(); next != '\n'; next = Byte())
            line.Append((char)next);
        return line.ToString();
    }

    private FormatException Fault(string what) => new($"'{file}' is damaged, or no dictionary of tensors: the pickle {what}, at the byte {Position}.");
}
