using MLNet.Papers.Networks;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Work in phases that threads share.</summary>
[TestClass]
public sealed class PhasedWorkTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void Each_part_is_done_once_and_after_all_of_the_phase_before(int threads)
    {
        var sums = new Sums();
        for (int time = 0; time < 300; time++)
            Assert.AreEqual(sums.Expected, sums.Compute(threads), $"time {time}");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void A_fault_reaches_the_caller_and_the_object_can_be_used_again(int threads)
    {
        var sums = new Sums();
        for (int time = 0; time < 50; time++)
        {
            sums.FaultyPhase = 4;
            InvalidOperationException fault = Assert.ThrowsExactly<InvalidOperationException>(() => sums.Compute(threads));
            Assert.AreEqual("phase 4", fault.Message);
            sums.FaultyPhase = -1;
            Assert.AreEqual(sums.Expected, sums.Compute(threads));
        }
    }

    // Each phase adds up what all parts of the one before have written.
    private sealed class Sums : PhasedWork
    {
        private readonly long[,] _values = new long[9, 7];

        public int FaultyPhase { get; set; } = -1;

        public long Expected { get; } = Enumerable.Range(1, 8).Aggregate(1L, (sum, phase) => 1 + (sum * PartsOf(phase - 1)));

        protected override int Phases => 9;

        public long Compute(int threads)
        {
            Array.Clear(_values);
            Run(threads);
            return _values[8, 0];
        }

        protected override int Parts(int phase) => PartsOf(phase);

        protected override void Run(int phase, int part)
        {
            if (phase == FaultyPhase)
                throw new InvalidOperationException($"phase {phase}");
            _values[phase, part]++;
            for (int before = 0; phase > 0 && before < PartsOf(phase - 1); before++)
                _values[phase, part] += _values[phase - 1, before];
        }

        private static int PartsOf(int phase) => 1 + (phase * 3 % 7);
    }
}
