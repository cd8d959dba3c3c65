using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>Stands where the service on the page would run until it is stopped: it starts, several clients ask it at once, and it stops.</summary>
public static class ServiceVisit
{
    private const int Clients = 8;
    private const int Questions = 20;

    /// <inheritdoc cref="ServiceVisit"/>
    public static void Make(WebApplication app) => MakeAsync(app).GetAwaiter().GetResult();

    private static async Task MakeAsync(WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskAsync(client))));
        int[] rows = [.. Enumerable.Range(0, 40)];
        using HttpResponseMessage many = await client.PostAsJsonAsync("predict-many", rows.Select(row => new { Features = DocumentedFiles.FeaturesOf(row) }));
        Answer[] answers = (await many.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Answer[]>())!;
        CollectionAssert.AreEqual(rows.Select(row => $"class {row % 4}").ToArray(), answers.Select(answer => answer.Class).ToArray());
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static async Task AskAsync(HttpClient client)
    {
        for (int row = 0; row < Questions; row++)
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync("predict", new { Features = DocumentedFiles.FeaturesOf(row) });
            Answer answer = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Answer>())!;
            Assert.AreEqual($"class {row % 4}", answer.Class);
            Assert.AreEqual(1, answer.Score.Sum(), 1e-4);
        }
    }

    private sealed record Answer(string Class, float[] Score);
}
