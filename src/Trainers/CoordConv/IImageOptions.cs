using MLNet.Papers.Images;

namespace MLNet.Papers.CoordConv;

/// <summary>Options with the shape of the images that a network reads.</summary>
internal interface IImageOptions
{
    /// <summary>The shape; null for that of the column.</summary>
    ImageShape? ImageShape { get; set; }
}

/// <summary>Options whose shape is known.</summary>
internal static class ImageOptions
{
    /// <summary>The same options with the shape of a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another option does not fit it.</exception>
    public static TOptions For<TOptions>(this TOptions options, ImageColumn images)
        where TOptions : TechniqueOptions, IImageOptions
    {
        if (options.ImageShape is not null)
            return options;
        var sized = (TOptions)options.Copy();
        sized.ImageShape = images.Shape;
        sized.Validate();
        return sized;
    }
}
