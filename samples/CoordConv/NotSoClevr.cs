using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>The paper's data: a white square at every place of a black canvas, in three views.</summary>
/// <remarks>
/// Liu et al. 2018, arXiv:1807.03247, section 2. The canvas has S pixels a side and the square S / 8 + 1 (9 of 64), so that the paper's proportions hold for
/// every size.
/// </remarks>
/// <param name="side">S, a multiple of 16.</param>
internal sealed class NotSoClevr(int side)
{
    /// <summary>S, the pixels of a side.</summary>
    public int Side { get; } = side;

    /// <summary>Whether the paper's baseline, which doubles its sides, can paint this canvas.</summary>
    public bool HasBaseline => int.IsPow2(Side);

    /// <summary>How far the square reaches from its centre.</summary>
    public int HalfWidth { get; } = side / 16;

    /// <summary>All places that the square can have, row by row.</summary>
    public IReadOnlyList<Place> Places()
    {
        int first = HalfWidth, count = Side - (2 * HalfWidth);
        return [.. Enumerable.Range(0, count * count).Select(i => new Place(first + (i % count), first + (i / count)))];
    }

    /// <summary>Four fifths of the places at random to train on, and the others to test.</summary>
    public Split Uniform(int seed)
    {
        Place[] places = [.. Places()];
        new Random(seed).Shuffle(places);
        int test = places.Length / 5;
        return new Split("uniform", places[test..], places[..test]);
    }

    /// <summary>The lower right quarter to test, and all other places to train on.</summary>
    public Split Quadrant()
    {
        ILookup<bool, Place> places = Places().ToLookup(place => place.X >= Side / 2 && place.Y >= Side / 2);
        return new Split("quadrant", [.. places[false]], [.. places[true]]);
    }

    /// <summary>Rows with the columns Centre (x, y), Pixel (one white pixel) and Square (a white square), for this canvas.</summary>
    public IDataView View(MLContext ml, IEnumerable<Place> places)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        var image = new VectorDataViewType(NumberDataViewType.Single, Side * Side);
        schema[nameof(Row.Pixel)].ColumnType = image;
        schema[nameof(Row.Square)].ColumnType = image;
        return ml.Data.LoadFromEnumerable(
            places.Select(place => new Row { Centre = [place.X, place.Y], Pixel = Paint(place, 0), Square = Paint(place, HalfWidth) }), schema);
    }

    /// <summary>A white square around a place.</summary>
    public float[] Paint(Place place, int halfWidth)
    {
        float[] image = new float[Side * Side];
        for (int y = place.Y - halfWidth; y <= place.Y + halfWidth; y++)
            image.AsSpan((y * Side) + place.X - halfWidth, (2 * halfWidth) + 1).Fill(1);
        return image;
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Centre { get; set; } = [];

        [VectorType]
        public float[] Pixel { get; set; } = [];

        [VectorType]
        public float[] Square { get; set; } = [];
    }
}

/// <summary>The centre of a square, in pixels from the top left.</summary>
internal readonly record struct Place(int X, int Y)
{
    /// <summary>The straight distance to another place, in pixels.</summary>
    public double DistanceTo(double x, double y) => Math.Sqrt(((X - x) * (X - x)) + ((Y - y) * (Y - y)));
}

/// <summary>Places to train on and places to test.</summary>
internal sealed record Split(string Name, IReadOnlyList<Place> Training, IReadOnlyList<Place> Test);
