using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Interop;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Columns;

/// <summary>What is known of the type of a column: all of one that is there, but neither length nor count of one that is promised.</summary>
internal sealed class ColumnType
{
    private readonly DataViewType _item;
    private readonly string _text;

    /// <summary>The type of a column that is there.</summary>
    public ColumnType(DataViewSchema.Column column)
    {
        Vector = column.Type as VectorDataViewType;
        _item = Vector?.ItemType ?? column.Type;
        _text = column.Type.ToString()!;
        Kind = Vector is null ? VectorKind.Scalar : Vector.IsKnownSize ? VectorKind.Vector : VectorKind.VariableVector;
        IsKey = _item is KeyDataViewType { Count: > 0 and <= int.MaxValue };
    }

    /// <summary>The type of a column that is promised.</summary>
    public ColumnType(SchemaShape.Column column)
    {
        IsPromised = true;
        _item = column.ItemType;
        _text = SchemaShapes.TypeName(column);
        Kind = column.Kind;
        IsKey = column.IsKey;
    }

    /// <summary>Whether the column is no more than promised, so that its sizes are not known.</summary>
    public bool IsPromised { get; }

    public VectorKind Kind { get; }

    /// <summary>Whether it is a key, or a vector of keys, whose count is known.</summary>
    public bool IsKey { get; }

    /// <summary>The type of a vector, where that is known.</summary>
    public VectorDataViewType? Vector { get; }

    /// <summary>The type of the pictures, if it holds pictures.</summary>
    public ImageDataViewType? Pictures => Kind == VectorKind.Scalar ? _item as ImageDataViewType : null;

    /// <summary>The type of the values; null for keys.</summary>
    public DataViewType? Item => IsKey || _item is KeyDataViewType ? null : _item;

    /// <summary>The type of the numbers that hold the values.</summary>
    public Type RawType => _item.RawType;

    public bool IsSingle => NumberDataViewType.Single.Equals(Item);

    /// <summary>The length of its vectors as far as it is known.</summary>
    public int? Length => Kind == VectorKind.Vector ? Vector?.Size : null;

    /// <summary>Whether its vectors may have a length.</summary>
    public bool Allows(int? length) => length is null || Length is null || length == Length;

    public override string ToString() => _text;
}
