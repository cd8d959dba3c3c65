using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>What was in a file stays there until what replaces it is whole.</summary>
[TestClass]
public sealed class WholeFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlnet-papers-");

    private string Place => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public void A_disk_that_fills_up_leaves_the_former_file_and_nothing_else()
    {
        File.WriteAllText(Place, "former");
        IOException error = Assert.ThrowsExactly<IOException>(() => WholeFile.WriteBytes(Place, file =>
        {
            file.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        }));
        Assert.AreEqual("No space left on device", error.Message);
        Assert.AreEqual("former", File.ReadAllText(Place));
        Assert.HasCount(1, _folder.GetFileSystemInfos());
    }

    [TestMethod]
    public void A_disk_that_is_really_full_leaves_the_former_file_and_nothing_else()
    {
        if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", _folder.FullName))
            Assert.Inconclusive("A small disk needs Linux and the right to mount one.");
        try
        {
            WholeFile.WriteBytes(Place, file => file.Write(Encoding.ASCII.GetBytes("former")));
            Assert.ThrowsExactly<IOException>(() => WholeFile.WriteBytes(Place, file => file.Write(new byte[1_000_000])));
            Assert.AreEqual("former", File.ReadAllText(Place));
            Assert.HasCount(1, _folder.GetFileSystemInfos());
        }
        finally
        {
            Assert.IsTrue(Run("umount", _folder.FullName));
        }
    }

    [TestMethod]
    public void A_whole_file_takes_the_place_of_the_former()
    {
        File.WriteAllText(Place, "former, and longer");
        WholeFile.WriteBytes(Place, file => file.Write(Encoding.ASCII.GetBytes("new")));
        Assert.AreEqual("new", File.ReadAllText(Place));
        Assert.HasCount(1, _folder.GetFileSystemInfos());
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
