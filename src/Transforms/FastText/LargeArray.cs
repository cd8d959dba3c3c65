using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Makes the arrays of large matrices so that on Linux their memory comes in pages of 2 MB.</summary>
/// <remarks>
/// A matrix of 800 MB has 200,000 pages of 4 KB, each of which costs a page fault when it is first touched and a miss of the address cache when a row is
/// looked up:
/// most of the time of reading a model goes into that. Where the system has no such pages, the array is an ordinary one.
/// </remarks>
internal static class LargeArray
{
    private const long HugePage = 1 << 21;
    private const int UseHugePages = 14;

    /// <summary>An array of values that are not set to anything.</summary>
    public static T[] Uninitialized<T>(long length)
        where T : unmanaged => Advise(GC.AllocateUninitializedArray<T>(checked((int)length)));

    /// <summary>An array of zeros.</summary>
    public static T[] Zeros<T>(long length)
        where T : unmanaged => Advise(new T[length]);

    /// <summary>An array of zeros that the garbage collector does not move.</summary>
    public static T[] Pinned<T>(long length)
        where T : unmanaged
    {
        T[] array = Advise(GC.AllocateUninitializedArray<T>(checked((int)length), pinned: true));
        Array.Clear(array);
        return array;
    }

    private static T[] Advise<T>(T[] array)
        where T : unmanaged
    {
        long bytes = (long)array.Length * Unsafe.SizeOf<T>();
        if (bytes < 2 * HugePage || !OperatingSystem.IsLinux())
            return array;
        GCHandle handle = GCHandle.Alloc(array, GCHandleType.Pinned);
        try
        {
            long start = handle.AddrOfPinnedObject();
            long first = (start + HugePage - 1) / HugePage * HugePage;
            long end = (start + bytes) / HugePage * HugePage;
            if (end > first)
                _ = AdviseMemory((nint)first, (nuint)(end - first), UseHugePages);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library: the array stays an ordinary one.
        }
        finally
        {
            handle.Free();
        }

        return array;
    }

#pragma warning disable SYSLIB1054 // generated marshalling needs unsafe code, and numbers need no marshalling
    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdviseMemory(nint address, nuint length, int advice);
#pragma warning restore SYSLIB1054
}
