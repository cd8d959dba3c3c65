using MLNet.Papers.Codes;
using MLNet.Papers.FlowAutoencoder;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Tests.FlowAutoencoder;

/// <summary>Flows and bounds against sums by hand and second formulas, and what public implementations got wrong.</summary>
[TestClass]
public sealed class FlowAutoencoderFidelityTests
{
    private DisposeScope _scope = null!;

    [TestInitialize]
    public void Begin() => _scope = NewDisposeScope();

    [TestCleanup]
    public void End() => _scope.Dispose();

    // w'u = 0.5: m = -1 + ln(1 + e^0.5) = -0.025923, û = (-0.025923, 0.3), t = tanh 1 = 0.761594, ln(1 + (1 - t²) · -0.025923) = -0.0109467.
    [TestMethod]
    [DataRow(0.5f, 0.980257, 0.228478, -0.0109467)]
    [DataRow(-3f, 0.275410, 0.228478, -0.510107)]
    public void A_planar_step_by_hand(float u, double first, double second, double logDeterminant) =>
        AssertStep(FlowForm.Planar, [1, 0, u, 0.3f, 0], [1, 0], [first, second], logDeterminant);

    // α = 1 and β = 1: r = 1, h = 1/2, f = (1.5, 0), ln(1.5 · 1.25) = ln 1.875. α = 1 is softplus(ln(e - 1)), α + β = 2 is softplus(ln(e² - 1)).
    [TestMethod]
    public void A_radial_step_by_hand() => AssertStep(
        FlowForm.Radial, [0, 0, (float)Math.Log(Math.E - 1), (float)Math.Log(Math.Exp(2) - 1)], [1, 0], [1.5, 0], Math.Log(1.875));

    // The Jacobian of autograd in double precision, and that of finite differences of the kernel.
    [TestMethod]
    [DataRow(FlowForm.Planar)]
    [DataRow(FlowForm.Radial)]
    public void Log_determinants_are_those_of_the_Jacobian(FlowForm form)
    {
        var random = new Random(3);
        foreach (int size in (int[])[1, 2, 5])
        {
            Flow flow = Flow.Of(form, size);
            for (int draw = 0; draw < 10; draw++)
            {
                float[] parameters = Normals(random, 3 * flow.ParameterCount, 2), code = Normals(random, size, 1);
                Tensor at = tensor(code, [1, size]).to(ScalarType.Float64).requires_grad_();
                Tensor given = tensor(parameters, [1, parameters.Length]).to(ScalarType.Float64);
                (Tensor moved, Tensor logs) = flow.Run(given, at);
                Tensor jacobian = stack([.. Enumerable.Range(0, size).Select(i => autograd.grad([moved[0, i]], [at], retain_graph: true)[0].squeeze(0))]);
                double expected = linalg.det(jacobian).item<double>();
                Assert.IsGreaterThan(0, expected, "Every step has an inverse and keeps the side.");
                Assert.AreEqual(Math.Log(expected), logs.item<double>(), 1e-8 * Math.Max(1, Math.Abs(Math.Log(expected))) + 1e-8);
                float[] own = [.. code];
                Assert.AreEqual(logs.item<double>(), flow.Run(parameters, own), 1e-3 * Math.Max(1, Math.Abs(Math.Log(expected))));
                for (int i = 0; i < size; i++)
                    Assert.AreEqual(moved[0, i].item<double>(), own[i], 1e-4 * Math.Max(1, Math.Abs(own[i])));
            }
        }
    }

    [TestMethod]
    [DataRow(FlowForm.Planar)]
    [DataRow(FlowForm.Radial)]
    public void A_flow_begins_as_the_identity(FlowForm form)
    {
        var random = new Random(5);
        foreach (int size in (int[])[1, 2, 40])
        {
            Flow flow = Flow.Of(form, size);
            float[] parameters = new float[flow.ParameterCount], code = Normals(random, size, 1), moved = [.. code];
            flow.Begin(random, parameters);
            Assert.AreEqual(0, flow.Run(parameters, moved), 1e-5);
            for (int i = 0; i < size; i++)
                Assert.AreEqual(code[i], moved[i], 2e-6f);
        }
    }

    // The constraint is always on: u = 0 is not the identity, but w'û = m(0) = -0.306853.
    [TestMethod]
    public void No_u_is_no_identity()
    {
        float[] code = [0, 1];
        Assert.AreEqual(Math.Log(1 - 0.306853), Flow.Of(FlowForm.Planar, 2).Run([1, 0, 0, 0, 0], code), 1e-6);
    }

    [TestMethod]
    public void Extreme_parameters_give_finite_numbers()
    {
        foreach (FlowForm form in Enum.GetValues<FlowForm>())
        {
            Flow flow = Flow.Of(form, 2);
            foreach (float value in (float[])[0, 1e-20f, 50, -50, 1000, -1000])
            {
                float[] parameters = [.. Enumerable.Repeat(value, flow.ParameterCount)], code = [value, value];
                if (form == FlowForm.Planar)
                    (parameters[2], parameters[3]) = (-value, -value);
                (Tensor moved, Tensor logs) = flow.Run(tensor(parameters, [1, parameters.Length]), tensor(code, [1, 2]));
                Assert.IsTrue(double.IsFinite(flow.Run(parameters, code)) && code.All(float.IsFinite), $"{form}, {value}");
                Assert.IsTrue(logs.isfinite().all().item<bool>() && moved.isfinite().all().item<bool>(), $"{form}, {value}, torch");
            }
        }
    }

    // 600 steps that pull w'û down: it stays above -1, since u is constrained wherever it is used.
    [TestMethod]
    public void After_any_step_of_training_each_step_of_the_flow_has_an_inverse()
    {
        Flow flow = Flow.Of(FlowForm.Planar, 2);
        var parameters = new TorchSharp.Modules.Parameter(tensor(new float[] { 1, 0.5f, -2, 1, 0 }, [1, 5]));
        using var optimizer = optim.SGD([parameters], 0.5);
        Tensor codes = randn(64, 2, generator: new Generator(1));
        for (int step = 0; step < 600; step++)
        {
            optimizer.zero_grad();
            flow.Run(parameters, codes).LogDeterminants.mean().backward();
            optimizer.step();
            float[] p = [.. parameters.detach().data<float>()];
            double a = ((double)p[0] * p[2]) + ((double)p[1] * p[3]), m = Math.Max(a, 0) + Math.Log(1 + Math.Exp(-Math.Abs(a))) - 1;
            Assert.IsGreaterThanOrEqualTo(-1, m);
            Assert.IsTrue(p.All(float.IsFinite));
        }
    }

    [TestMethod]
    public void The_log_determinant_has_the_sign_that_keeps_mass_one()
    {
        // q_K(z_K) = q_0(z_0) / |det|: pushing a fine grid forward, the integral of q_K over the moved cells is 1.
        Flow flow = Flow.Of(FlowForm.Planar, 2);
        float[] parameters = [1.5f, -0.5f, 2, 1, 0.3f, -0.7f, 1.2f, -1, 2, -0.4f];
        const int Side = 401;
        const double Reach = 6, Cell = 2 * Reach / (Side - 1);
        double mass = 0;
        for (int i = 0; i < Side; i++)
        {
            for (int j = 0; j < Side; j++)
            {
                float[] code = [(float)(-Reach + (i * Cell)), (float)(-Reach + (j * Cell))];
                float[] right = [code[0] + 1e-2f, code[1]], up = [code[0], code[1] + 1e-2f];
                double density = Math.Exp(-0.5 * ((code[0] * code[0]) + (code[1] * code[1]))) / (2 * Math.PI);
                double logDeterminant = flow.Run(parameters, code);
                flow.Run(parameters, right);
                flow.Run(parameters, up);
                double area = Math.Abs(((right[0] - code[0]) * (up[1] - code[1])) - ((right[1] - code[1]) * (up[0] - code[0]))) / 1e-4;
                mass += density / Math.Exp(logDeterminant) * area * Cell * Cell;
            }
        }

        Assert.AreEqual(1, mass, 0.01);
    }

    // Without a flow E[ln q(z) - ln p(z)] is the sum of the analytic divergences.
    [TestMethod]
    public void Without_a_flow_the_divergence_is_the_analytic_one_in_expectation()
    {
        FlowCodes codes = Codes(3, 0, samples: 1);
        float[] encoded = [0.5f, -1, 2, -1, 0.3f, 0], latent = new float[3];
        var random = new Random(7);
        double[] drawn = [.. Enumerable.Range(0, 10_000).Select(_ => codes.Draw(encoded, Normals(random, 3, 1), latent))];
        double mean = drawn.Average(), error = Math.Sqrt(drawn.Select(value => Math.Pow(value - mean, 2)).Average() / drawn.Length);
        double expected = FlowCodes.UnitKl(0.5, -1) + FlowCodes.UnitKl(-1, 0.3f) + FlowCodes.UnitKl(2, 0);
        Assert.AreEqual(expected, mean, 3 * error);
    }

    // p is that of the end of the flow, z_K, and q that of its beginning less ln|det|.
    [TestMethod]
    public void The_prior_is_that_of_where_the_flow_ends()
    {
        FlowCodes codes = Codes(2, 1, samples: 1);
        float[] flow = [1, 0, 2, 0.3f, 0], encoded = [0.2f, -0.4f, 0.1f, -0.2f, .. flow], noise = [0.7f, -1.1f], latent = new float[2];
        double divergence = codes.Draw(encoded, noise, latent);
        float[] begin = [0.2f + (MathF.Exp(0.1f) * 0.7f), -0.4f - (MathF.Exp(-0.2f) * 1.1f)];
        double logDeterminant = Flow.Of(FlowForm.Planar, 2).Run(flow, begin);
        double q = -0.1 + 0.2 - (0.5 * ((0.7 * 0.7) + (1.1 * 1.1))) - logDeterminant, p = -0.5 * ((latent[0] * latent[0]) + (latent[1] * latent[1]));
        Assert.AreEqual(begin[0], latent[0], 1e-6f);
        Assert.AreEqual(q - p, divergence, 1e-5);
    }

    [TestMethod]
    public void Logarithms_of_deviations_are_held()
    {
        FlowCodes codes = Codes(1, 0, samples: 1);
        float[] latent = new float[1];
        Assert.IsTrue(double.IsFinite(codes.Draw([0, 1e9f], [1], latent)));
        Assert.AreEqual(MathF.Exp(5), latent[0], 1e-3f);
        Assert.IsTrue(double.IsFinite(codes.Draw([0, -1e9f], [1], latent)));
        Assert.AreEqual(MathF.Exp(-7), latent[0], 1e-6f);
    }

    // -½ ((0.5 - 0.2)² / 0.25 + ln(2π 0.25)) and ln softmax(1, 0)₁ = -0.313262: a number and a category.
    [TestMethod]
    public void The_likelihood_of_a_row_by_hand_and_in_torch()
    {
        var layout = new RowLayout(
            3, null, [new(0, 1, false), new(1, 2, true)], Likelihood.Gaussian, false, new StandardScale([0, 0, 0], [1, 1, 1]));
        double expected = (-0.5 * ((0.09 / 0.25) + Math.Log(2 * Math.PI * 0.25))) - 0.313262;
        Assert.AreEqual(expected, layout.LogLikelihood([0.2f, 1, 0], [0.5f, 1, 0], 0.5), 1e-5);
        Tensor outputs = tensor(new[,] { { 0.2f, 1, 0 } }), rows = tensor(new[,] { { 0.5f, 1, 0 } });
        Assert.AreEqual(expected, new RowLoss(layout).LogLikelihood(outputs, rows, 0.5).item<float>(), 1e-5);
        RowLayout bernoulli = layout with { Likelihood = Likelihood.Bernoulli };
        // ln sigmoid(2) = -0.126928.
        Assert.AreEqual(-0.126928 - 0.313262, bernoulli.LogLikelihood([2, 1, 0], [1, 1, 0], 0.5), 1e-5);
        RowLayout missing = layout with { ReadsMissing = true };
        Assert.AreEqual(-0.313262, missing.LogLikelihood([0.2f, 1, 0], [0, 1, 0, 1, 0, 0], 0.5), 1e-5);
        Tensor absent = tensor(new[,] { { float.NaN, 1, 0 } });
        Assert.AreEqual(-0.313262, new RowLoss(missing).LogLikelihood(outputs, absent, 0.5).item<float>(), 1e-5);
    }

    // Only what is said of z and x together has the weight: the entropy keeps 1.
    [TestMethod]
    public void Annealing_weighs_the_joint_term_alone()
    {
        var pass = new FlowPass(zeros(1, 1), zeros(1, 1), zeros(1, 1), tensor(new[] { 2f }), tensor(new[] { -3f }), tensor(new[] { -10f }));
        Assert.AreEqual(-(2 - 13), pass.Loss(1).item<float>(), 1e-6);
        Assert.AreEqual(-(2 - 1.3), pass.Loss(0.1).item<float>(), 1e-6);
        Assert.AreEqual(0.01, FlowTask.WeightAt(0, 100), 1e-9);
        Assert.AreEqual(0.51, FlowTask.WeightAt(50, 100), 1e-9);
        Assert.AreEqual(1, FlowTask.WeightAt(5000, 100));
        Assert.AreEqual(1, FlowTask.WeightAt(0, 0));
    }

    // The module of the training and the kernels of the scorer, on the same row with the same noise.
    [TestMethod]
    [DataRow(FlowForm.Planar, false)]
    [DataRow(FlowForm.Radial, true)]
    public void Training_and_scoring_compute_one_bound(FlowForm form, bool isShared)
    {
        var options = new FlowAutoencoderOptions
        {
            CodeSize = 2,
            Flow = form,
            FlowLength = 3,
            SharedFlow = isShared,
            HiddenUnits = [5],
            EvaluationSamples = 1,
            Deviation = 0.7,
        };
        var layout = new RowLayout(4, null, [new(0, 4, false)], Likelihood.Gaussian, false, new StandardScale([0, 0, 0, 0], [1, 1, 1, 1]));
        using FlowModule module = InitialWeights.Of(3, () => new FlowModule(options, layout, 3));
        LayeredArchitecture encoder = options.Encoder(layout.Input), decoder = options.Decoder(layout.Output);
        var model = new AutoencoderModel(
            layout, encoder, NetworkWeights.Of(encoder, module.Encoder), decoder, NetworkWeights.Of(decoder, module.Decoder));
        var flow = new FlowModel(2, form, 3, 0.7, 1, 9, isShared, module.Shared, 0, [0, 0], 0);
        float[] rows = [0.3f, -1, 2, 0.5f, -0.2f, 0.4f, -2, 1], bounds = new float[2], encoded = new float[2 * flow.EncodedSize];
        using EmbeddingScorer forward = model.CreateEncoder(TorchDevice.Cpu), back = model.CreateDecoder(TorchDevice.Cpu);
        forward.Embed(rows, 2, encoded);
        new FlowBounds(model, flow, back, 2).Score(2, encoded, rows, bounds);
        FlowPass pass = module.Pass(tensor(rows, [2, 4]), tensor(flow.Noise, [1, 2]).expand(2, 2));
        float[] expected = [.. (pass.Likelihoods - pass.Divergences).data<float>()];
        for (int row = 0; row < 2; row++)
            Assert.AreEqual(expected[row], bounds[row], 1e-3f);
    }

    private static void AssertStep(FlowForm form, float[] parameters, float[] code, double[] moved, double logDeterminant)
    {
        Flow flow = Flow.Of(form, 2);
        (Tensor codes, Tensor logs) = flow.Run(tensor(parameters, [1, parameters.Length]), tensor(code, [1, 2]));
        Assert.AreEqual(logDeterminant, flow.Run(parameters, code), 1e-6);
        Assert.AreEqual(logDeterminant, logs.item<float>(), 1e-6);
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(moved[i], code[i], 1e-6);
            Assert.AreEqual(moved[i], codes[0, i].item<float>(), 1e-6);
        }
    }

    private static FlowCodes Codes(int size, int length, int samples) =>
        new(new FlowModel(size, FlowForm.Planar, length, 1, samples, 1, false, [], 0, new double[size], 0));

    private static float[] Normals(Random random, int count, float deviation) =>
        [.. Enumerable.Range(0, count).Select(_ => deviation * GaussianMixture.Normal(random))];
}
