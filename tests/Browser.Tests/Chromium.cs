using Microsoft.Playwright;

namespace Kmaplab.Browser.Tests;

/// <summary>The browser that is installed, started once for all tests. Nothing is downloaded.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Path =>
        Environment.GetEnvironmentVariable("KMAPLAB_CHROMIUM") ?? s_places.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Path is not { } path)
            return;

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args = ["--no-sandbox"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();

        _playwright?.Dispose();
    }

    /// <summary>A window of this size; the test is skipped if there is no browser.</summary>
    internal async Task<IBrowserContext> OpenOrSkipAsync(int width, int height, ColorScheme colors = ColorScheme.Light)
    {
        if (_browser is null)
        {
            Assert.Skip(
                "No browser is installed, so pages are not looked at: install chromium (apt-get install chromium), "
                + "or name one in KMAPLAB_CHROMIUM.");
        }

        return await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = colors,
            HasTouch = width < 600,
        });
    }
}
