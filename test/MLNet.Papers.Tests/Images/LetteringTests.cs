using MLNet.Papers.Samples.Pictures;

namespace MLNet.Papers.Tests.Images;

/// <summary>Whether the samples' alphabet has what their texts are made of.</summary>
[TestClass]
public sealed class LetteringTests
{
    [TestMethod]
    public void Messages_in_English_and_German_can_be_written()
    {
        // the bar parts the letters of the table
        string printable = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(letter => letter != '|'));

        foreach (char letter in printable + "äöüß„“”‘’…–")
            Assert.IsTrue(Lettering.CanWrite(letter.ToString()), $"'{letter}' cannot be written.");
    }
}
