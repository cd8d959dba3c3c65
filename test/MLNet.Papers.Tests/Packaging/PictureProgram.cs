namespace MLNet.Papers.Tests.Packaging;

/// <summary>Source of an application that reads pictures by ML.NET and by this package, beside the SkiaSharp that ML.NET asks for.</summary>
internal static class PictureProgram
{
    /// <summary>
    /// Writes a picture of each kind, compares what ExtractPixels and an image column read of it, trains on both, and scores pictures in memory twice.
    /// </summary>
    public const string Text = """"
        using System.Buffers.Binary;
        using System.IO.Compression;
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using Microsoft.ML.Transforms.Image;
        using MLNet.Papers;

        static class Pictures
        {
            const int Width = 12, Height = 8;
            const string Cmyk = 
                "/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUGBKUVJP/9sAQwEODg4TER" +
                "MmFRUmTzUtNU9PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P/8AAFAgACAAMBAEiAAIRAQMRAQQiAP/EABUAAQEAAAAAAAAAAAAA" +
                "AAAAAAAG/8QAGhABAAEFAAAAAAAAAAAAAAAAAAQRFCVh8P/EABUBAQEAAAAAAAAAAAAAAAAAAAUG/8QAGhEAAgIDAAAAAAAAAAAAAAAAAAEEFVFSkf/aAA4EAQACEQMRBA" +
                "AAPwCjsZeixl6BGXM3dh1HEw+lbnuqZ7qg/9k=";

            public static void Run()
            {
                Directory.CreateDirectory("pictures");
                (string Name, byte[] Bytes)[] files =
                [
                    ("grey.png", Png(8, 0, 1)), ("grey-alpha.png", Png(8, 4, 2)), ("palette.png", Png(8, 3, 1)), ("colour.png", Png(8, 2, 3)),
                    ("colour-alpha.png", Png(8, 6, 4)),
                    ("grey16.png", Png(16, 0, 1)), ("colour16.png", Png(16, 2, 3)), ("colour-alpha16.png", Png(16, 6, 4)),
                    ("cmyk.jpg", Convert.FromBase64String(Cmyk)),
                ];
                foreach ((string name, byte[] bytes) in files)
                    File.WriteAllBytes(Path.Combine("pictures", name), bytes);
                using (MLImage colour = MLImage.CreateFromFile("pictures/colour.png"))
                    colour.Save("pictures/plain.jpg");
                byte[] jpeg = File.ReadAllBytes("pictures/plain.jpg");
                // An Exif segment that says: orientation 6, a quarter turn.
                byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
                File.WriteAllBytes("pictures/turned.jpg", [.. jpeg[..2], .. exif, .. jpeg[2..]]);

                var ml = new MLContext(seed: 1);
                PathRow[] rows =
                [
                    .. Directory.GetFiles("pictures").Order(StringComparer.Ordinal)
                        .Select((path, i) => new PathRow { Path = Path.GetFileName(path), Label = i % 2 == 0 ? "even" : "odd" }),
                ];
                IDataView paths = ml.Data.LoadFromEnumerable(rows);
                foreach (PathRow row in rows)
                {
                    using MLImage picture = MLImage.CreateFromFile(Path.Combine("pictures", row.Path));
                    var both = ml.Transforms.LoadImages("Image", "pictures", "Path")
                        .Append(ml.Transforms.ResizeImages("Same", picture.Width, picture.Height, "Image"))
                        .Append(ml.Transforms.ExtractPixels("Pixels", "Same"))
                        .Append(ml.Transforms.AddCoordinateChannels("Channels", "Same", 3, picture.Height, picture.Width));
                    IDataView read = both.Fit(paths).Transform(ml.Data.LoadFromEnumerable([row]));
                    float[] pixels = read.GetColumn<float[]>("Pixels").Single(), channels = read.GetColumn<float[]>("Channels").Single();
                    Console.WriteLine(
                        $"{row.Path}: {(pixels.SequenceEqual(channels[..pixels.Length]) && pixels.Distinct().Count() > 5 ? "the same" : "DIFFERENT")}");
                }

                CoordConvNetOptions options = new() { ImageShape = new(3, Height, Width), HiddenChannels = [4], Epochs = 2 };
                var byPixels = ml.Transforms.LoadImages("Image", "pictures", "Path").Append(ml.Transforms.ResizeImages("Image", Width, Height))
                    .Append(ml.Transforms.ExtractPixels("Features", "Image", scaleImage: 1f / 255))
                    .Append(ml.MulticlassClassification.Trainers.CoordConvNet("Label", "Features", options));
                var byImages = ml.Transforms.LoadImages("Image", "pictures", "Path")
                    .Append(ml.MulticlassClassification.Trainers.CoordConvNet("Label", "Image", options));
                foreach (IEstimator<ITransformer> chain in (IEstimator<ITransformer>[])[byPixels, byImages])
                {
                    ITransformer model = chain.Fit(paths);
                    ml.Model.Save(model, paths.Schema, "pictures.zip");
                    IDataView scored = ml.Model.Load("pictures.zip", out _).Transform(paths);
                    Console.WriteLine($"scored {scored.GetColumn<float[]>("Score").Count(score => score.All(float.IsFinite))} of {rows.Length}");
                }

                ImageRow[] own =
                [
                    .. rows.Select(row => new ImageRow { Label = row.Label, Image = MLImage.CreateFromFile(Path.Combine("pictures", row.Path)) }),
                ];
                IDataView images = ml.Data.LoadFromEnumerable(own);
                ITransformer fitted = ml.MulticlassClassification.Trainers.CoordConvNet("Label", "Image", options).Fit(images);
                for (int pass = 0; pass < 2; pass++)
                    _ = fitted.Transform(images).Preview(3).RowView.Length;
                Console.WriteLine($"own pictures: {own.Count(row => row.Image!.Pixels.Length > 0)} of {own.Length}");
            }

            // A picture whose samples differ from pixel to pixel; the last channel of types 4 and 6 is the opacity: 0, 128 or 255.
            static byte[] Png(int bits, int type, int channels)
            {
                using var lines = new MemoryStream();
                for (int y = 0; y < Height; y++)
                {
                    lines.WriteByte(0);
                    for (int x = 0; x < Width; x++)
                    {
                        for (int channel = 0; channel < channels; channel++)
                        {
                            bool isOpacity = channels is 2 or 4 && channel == channels - 1;
                            byte value = (byte)(
                                isOpacity ? (x % 3) switch { 0 => 0, 1 => 128, _ => 255 } : type == 3 ? (x + y) % 16 : (37 * x) + (59 * y) + (101 * channel));
                            lines.WriteByte(value);
                            if (bits == 16)
                                lines.WriteByte((byte)(isOpacity ? value : 7 * x));
                        }
                    }
                }

                using var packed = new MemoryStream();
                using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                    zlib.Write(lines.ToArray());
                using var png = new MemoryStream();
                png.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
                byte[] header = new byte[13];
                BinaryPrimitives.WriteInt32BigEndian(header, Width);
                BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
                (header[8], header[9]) = ((byte)bits, (byte)type);
                Chunk(png, "IHDR"u8, header);
                if (type == 3)
                {
                    Chunk(png, "PLTE"u8, [.. Enumerable.Range(0, 48).Select(i => (byte)(i * 5))]);
                    Chunk(png, "tRNS"u8, [.. Enumerable.Range(0, 16).Select(i => (byte)(i * 17))]);
                }

                Chunk(png, "IDAT"u8, packed.ToArray());
                Chunk(png, "IEND"u8, []);
                return png.ToArray();
            }

            static void Chunk(Stream png, ReadOnlySpan<byte> type, byte[] data)
            {
                byte[] number = new byte[4], body = [.. type, .. data];
                BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
                png.Write(number);
                png.Write(body);
                BinaryPrimitives.WriteUInt32BigEndian(number, System.IO.Hashing.Crc32.HashToUInt32(body));
                png.Write(number);
            }
        }

        class PathRow { public string Path { get; set; } = ""; public string Label { get; set; } = ""; }
        class ImageRow { public string Label { get; set; } = ""; [ImageType(8, 12)] public MLImage? Image { get; set; } }
        """";
}
