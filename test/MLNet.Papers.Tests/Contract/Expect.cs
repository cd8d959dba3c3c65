namespace MLNet.Papers.Tests.Contract;

/// <summary>Assertions whose messages say who broke what.</summary>
internal static class Expect
{
    /// <summary>Runs something that must work.</summary>
    public static T Works<T>(string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is not UnitTestAssertException)
        {
            Assert.Fail($"{what} must work, but threw {Text(exception)}");
            throw;
        }
    }

    /// <summary>Runs something that must throw one of some exceptions, or a derived one.</summary>
    /// <returns>What was thrown.</returns>
    public static Exception Throws(string what, Func<object?> action, params Type[] allowed)
    {
        string expected = string.Join(" or ", allowed.Select(type => type.Name));
        object? result;
        try
        {
            result = action();
        }
        catch (Exception exception) when (exception is not UnitTestAssertException)
        {
            Assert.IsTrue(allowed.Any(type => type.IsInstanceOfType(exception)), $"{what} must throw {expected}, but threw {Text(exception)}");
            if (UserWords.FindFault(exception) is { } fault)
                Assert.Fail($"{what} must be refused in the user's words, but {fault}: {exception.Message}");
            return exception;
        }

        (result as IDisposable)?.Dispose();
        Assert.Fail($"{what} must throw {expected}, but threw nothing.");
        throw new InvalidOperationException();
    }

    /// <summary>Checks that two tables have the same values.</summary>
    public static void SameValues(string what, Table expected, Table actual, Tolerance tolerance)
    {
        if (expected.FindDifference(actual, tolerance) is { } difference)
            Assert.Fail($"{what}: {difference}.");
    }

    public static string Text(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";
}
