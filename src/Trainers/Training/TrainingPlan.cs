namespace MLNet.Papers.Training;

/// <summary>How a <see cref="TrainingLoop"/> runs; made by a trainer from its options.</summary>
/// <param name="Options">The options that all techniques share.</param>
/// <param name="Steps">The number of steps.</param>
/// <param name="Seed">The seed of everything that is drawn.</param>
/// <param name="LearningRate">The learning rate of a step.</param>
/// <param name="Fingerprint">A text that differs for options or data that a checkpoint must not be used with.</param>
internal sealed record TrainingPlan(TrainingOptions Options, long Steps, int Seed, LearningRateSchedule LearningRate, string Fingerprint);

/// <summary>The learning rate of a step.</summary>
/// <param name="step">The step, from 0.</param>
/// <param name="fraction">The part of the training that lies behind it, from 0 to 1, by steps or by time.</param>
internal delegate double LearningRateSchedule(long step, double fraction);
