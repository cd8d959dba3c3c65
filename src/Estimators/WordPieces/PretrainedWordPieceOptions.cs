namespace MLNet.Papers;

/// <summary>How texts are cut into the pieces of a vocabulary that exists already.</summary>
/// <remarks>The <see cref="TechniqueOptions.Seed"/> has no effect.</remarks>
public sealed class PretrainedWordPieceOptions : WordPieceTextOptions;
