namespace MLNet.Papers.Training;

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
    /// <param name="options">The options.</param>
    /// <param name="shape">The shape; null for a column of vectors.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another option does not fit it.</exception>
    public static TOptions For<TOptions>(this TOptions options, ImageShape? shape)
        where TOptions : TechniqueOptions, IImageOptions
    {
        if (options.ImageShape == shape)
            return options;
        var sized = (TOptions)options.Copy();
        sized.ImageShape = shape;
        sized.Validate();
        return sized;
    }
}
