using System.Globalization;
using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>Captions in an alphabet of plain strokes that comes with the program: servers and containers often have no fonts at all.</summary>
internal static class Lettering
{
    private const int CapitalHeight = 8;
    private const int Gap = 2;
    private const int SpaceWidth = 3;

    /// <summary>
    /// Each letter and its strokes, separated by spaces; a stroke is a row of points, each two hexadecimal digits: how far right, how far down from the top
    /// of a capital. Letters stand on 8, small letters begin at 3.
    /// </summary>
    private static readonly Dictionary<char, string[]> Strokes = """
        A 083068 1555 | B 0008 004051534404 4455574808 | C 5140100107184857 | D 00305256380800 | E 50000858 0444 | F 500008 0444
        G 51401001071848575535 | H 0008 5058 0454 | I 0008 | J 4047381807 | K 0008 5005 2358 | L 000858 | M 0800356068 | N 08005850
        O 104051574818070110 | P 08004051534404 | Q 104051574818070110 3658 | R 08004051534404 3458 | S 514010010314445557481807
        T 0060 3038 | U 000718485750 | V 003860 | W 0028426880 | X 0058 5008 | Y 003460 3438 | Z 00500858 | a 4348 4433130407183847
        b 0008 0413334447381807 | c 4433130407183847 | d 4048 4433130407183847 | e 05454433130407183847 | f 30201118 0333
        g 434a3b1b0a 4433130407183847 | h 0008 0413334448 | i 0308 0101 | j 131a0b 1111 | k 0008 4306 1548 | l 0008
        m 0308 0413233438 3443536468 | n 0308 0413334448 | o 133344473818070413 | p 030b 0413334447381807 | q 434b 4433130407183847
        r 0308 05142333 | s 4433130415354647381807 | t 10172838 0333 | u 0307183847 4348 | v 032843 | w 0328344863 | x 0348 4308
        y 0328 431b | z 03430848 | 0 103041473818070110 | 1 022028 | 2 01103041430848 | 3 01103041433414 344547381807 | 4 38300656
        5 4000033344473808 | 6 40200307183847453404 | 7 004018 | 8 103041433414030110 1405071838474534 | 9 44140301103041452808 | . 0808
        , 180a | : 0404 0808 | - 0535 | – 0555 | % 0010120200 5008 4656584846 | ( 20020628 | ) 00222608 | / 4008 | ' 0002 | + 0545 2327
        " 0002 2022 | „ 180a 483a | “ 0210 3240 | ” 1002 4032 | ‘ 0210 | ’ 1002 | { 302011130415172838 | } 001021233425271808 | [ 20000828 | ] 00202808
        < 410447 | > 014407 | ! 0005 0808 | ? 01103041422425 2828 | _ 0959 | & 5813112031320507183855 | # 1018 3038 0343 0545 | * 2125 0244 4204
        $ 514010010314445557481807 3039 | @ 46362524334346566462514020110206172848 | \ 0048 | ` 0012 | ~ 051424354554 | ^ 022042 | … 0808 2828 4848
        = 0444 0646 | × 0448 4408 | ± 0444 2226 0848 | → 0565 436547 | − 0545 | ; 0404 180a
        ä 4348 4433130407183847 1111 3131 | ö 133344473818070413 1111 3131 | ü 0307183847 4348 1111 3131 | ß 080110304143243445473818
        """.Split(['|', '\n'], StringSplitOptions.TrimEntries).ToDictionary(letter => letter[0], letter => letter[2..].Split(' '));

    /// <summary>How wide a text is, in pixels.</summary>
    public static float Measure(string text, float height) => text.Length == 0 ? 0 : (text.Sum(Advance) - Gap) * height / CapitalHeight;

    /// <summary>Whether the alphabet has all letters of a word.</summary>
    public static bool CanWrite(string word) => word.All(Strokes.ContainsKey);

    /// <summary>Writes a text.</summary>
    /// <param name="canvas">Where to write.</param>
    /// <param name="text">What to write; a character that the alphabet lacks becomes a space.</param>
    /// <param name="at">The left, middle or right end of the line that the letters stand on, depending on <paramref name="align"/>.</param>
    /// <param name="height">Height of a capital, in pixels.</param>
    /// <param name="colour">The colour of the pen.</param>
    /// <param name="align">Which part of the text is at <paramref name="at"/>.</param>
    /// <param name="isBold">Whether to write with a broader pen.</param>
    public static void Write(SKCanvas canvas, string text, SKPoint at, float height, SKColor colour, SKTextAlign align = SKTextAlign.Left, bool isBold = false)
    {
        float unit = height / CapitalHeight;
        float share = align switch { SKTextAlign.Center => 0.5f, SKTextAlign.Right => 1, _ => 0 };
        float left = at.X - (share * Measure(text, height)), breadth = height * (isBold ? 0.18f : 0.12f);
        using var pen = new SKPaint
        {
            Color = colour,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
        };
        foreach (char letter in text)
        {
            foreach (string stroke in StrokesOf(letter))
            {
                SKPoint[] points = Points(stroke, left, at.Y - height, unit);
                bool isDot = points.All(point => point == points[0]);
                pen.StrokeWidth = isDot ? 1.5f * breadth : breadth;  // a dot as broad as a line looks paler
                canvas.DrawPoints(isDot ? SKPointMode.Points : SKPointMode.Polygon, points, pen);
            }

            left += Advance(letter) * unit;
        }
    }

    private static SKPoint[] Points(string stroke, float left, float top, float unit) =>
        [.. stroke.Chunk(2).Select(point => new SKPoint(left + (Digit(point[0]) * unit), top + (Digit(point[1]) * unit)))];

    private static string[] StrokesOf(char letter) => Strokes.GetValueOrDefault(letter, []);

    private static int Advance(char letter)
    {
        string[] strokes = StrokesOf(letter);
        return Gap + (strokes.Length == 0 ? SpaceWidth : strokes.Max(stroke => stroke.Where((_, index) => index % 2 == 0).Max(Digit)));
    }

    private static int Digit(char digit) => int.Parse([digit], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
