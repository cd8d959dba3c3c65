using Microsoft.ML.Runtime;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers.Elmo;

/// <summary>Learns a classifier of vectors with the weights of their layers.</summary>
internal static class LayerMixTraining
{
    /// <param name="environment">Where the fit runs.</param>
    /// <param name="options">How training goes.</param>
    /// <param name="layers">How many layers a vector is made of.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="rows">The vectors with their classes; they are put on a scale.</param>
    /// <param name="validation">Others to validate on, or null.</param>
    /// <param name="device">Where to train.</param>
    public static LayerMixClassifier Run(
        IHostEnvironment environment, LayerMixOptions options, int layers, int classes, TrainingRows rows, TrainingRows? validation, torch.Device device)
    {
        var architecture = new LayerMixArchitecture(layers, rows.Size / layers, classes);
        StandardScale standard = rows.ScaleOf(TrainingRows.Inputs);
        NetworkWeights weights = new MinibatchTraining(environment, options).Run(
            rows.Scale(TrainingRows.Inputs, standard),
            validation?.Scale(TrainingRows.Inputs, standard),
            device,
            [architecture],
            () => new WeightModule(architecture.AllWeights(), Initialization.Uniform),
            network => (batch, noise) => LayerMixLoss.Of(
                architecture, network, batch.Inputs, batch.Targets, new DropoutNoise(options.Dropout, noise), options.MixPenalty),
            network => NetworkWeights.Of(architecture, network));
        return new LayerMixClassifier(architecture, weights, standard);
    }
}
