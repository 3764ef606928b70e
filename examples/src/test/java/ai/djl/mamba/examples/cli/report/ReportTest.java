/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.examples.cli.report;

import ai.djl.mamba.testing.ProcessFiles;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Tables, plots and pages of examples. */
public class ReportTest {

    @Test
    public void csvQuotesWhatNeedsIt() {
        CsvTable table =
                new CsvTable(
                        List.of("name", "value", "note"),
                        List.of(Arrays.asList("a \"b\", c", 1.5, null), List.of("d", 2L, "e\nf")));
        Assert.assertEquals(
                table.text().replace("\r\n", "\n"),
                "name,value,note\n\"a \"\"b\"\", c\",1.5,\nd,2,\"e\nf\"\n");
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> new CsvTable(List.of("name"), List.of(List.of("a", "b"))));
    }

    /** Whoever prints a file of a report sees names, and a terminal does not obey them. */
    @Test
    public void controlCharactersAreNotWritten() throws IOException {
        Path folder = Files.createTempDirectory("mamba-report");
        try {
            String name = "a\u001b[2J\u009b\u0007b\r\u202e";
            String shown = "a\\u001b[2J\\u009b\\u0007b\\u000d\\u202e";
            ReportFolder report = new ReportFolder(folder);
            report.write("a.csv", new CsvTable(List.of(name), List.of(List.of(name))).text());
            report.write("a.html", new Page(name, name).heading(name).html());
            report.write("a.json", "{\"a\":\"" + name + "\"}\n");
            Assert.assertEquals(
                    Files.readString(folder.resolve("a.csv")).replace("\"", ""),
                    shown + "\r\n" + shown + "\r\n");
            for (String file : List.of("a.html", "a.json")) {
                String text = Files.readString(folder.resolve(file));
                Assert.assertTrue(text.contains(shown), text);
                Assert.assertFalse(text.contains(name.substring(0, 2)), text);
            }
            JsonElement value =
                    JsonParser.parseString(Files.readString(folder.resolve("a.json")))
                            .getAsJsonObject()
                            .get("a");
            Assert.assertEquals(value.getAsString(), name);
        } finally {
            ProcessFiles.delete(folder);
        }
    }

    @Test
    public void pageEscapesEverything() {
        String html =
                new Page("a < b & \"c\"", "lead <script>")
                        .heading("<h>")
                        .paragraph("<p1>")
                        .list(List.of("<li1>"))
                        .table("<cap>", List.of("<th1>"), List.of(List.of("<td1>")))
                        .code("<code1>")
                        .figure(new byte[] {1, 2, 3}, "<fig>")
                        .footer("<foot>")
                        .html();
        for (String word :
                List.of("script", "h", "p1", "li1", "cap", "th1", "td1", "code1", "fig", "foot")) {
            Assert.assertTrue(html.contains("&lt;" + word + "&gt;"), word);
            Assert.assertFalse(html.contains('<' + word + '>'), word);
        }
        Assert.assertTrue(html.contains("<title>a &lt; b &amp; &quot;c&quot;</title>"));
        Assert.assertTrue(html.contains("src=\"data:image/png;base64,AQID\""));
    }

    @Test
    public void numbersArePeoples() {
        String[] expected = {
            "0", "0.00123", "1.5", "12.3", "123", "65,536", "1,234,567", "2.1e+09"
        };
        double[] values = {0, 0.0012345, 1.5, 12.345, 123.45, 65_536, 1_234_567, 2.1e9};
        for (int i = 0; i < values.length; i++) {
            Assert.assertEquals(Numbers.significant(values[i]), expected[i]);
        }
        Assert.assertEquals(Numbers.significant(Double.NaN), "–");
        Assert.assertEquals(Numbers.bytes(640 * 1024), "640 KiB");
        Assert.assertEquals(Numbers.bytes(12.5 * (1 << 20)), "12.5 MiB");
    }

    @Test
    public void linesAreDrawnInTheirColours() throws IOException {
        Assert.assertNull(Plots.unavailable());
        double[] x = {256, 512, 1024, 2048};
        for (boolean doubling : new boolean[] {false, true}) {
            BufferedImage image =
                    image(
                            LinePlot.builder()
                                    .setTitle("title")
                                    .setAxes("x", "y")
                                    .addSeries(new Series("a", x, new double[] {1, 2, 4, 8}))
                                    .addSeries(new Series("none", x, new double[4]))
                                    .addSeries(
                                            new Series(
                                                    "part",
                                                    x,
                                                    new double[] {3, 3, Double.NaN, Double.NaN}))
                                    .optDoubling(doubling, doubling)
                                    .build()
                                    .png());
            Assert.assertEquals(image.getWidth(), 2 * 760);
            Set<Integer> colours = colours(image);
            Assert.assertTrue(colours.contains(0xFF0072B2), "first line");
            Assert.assertEquals(colours.contains(0xFFD55E00), !doubling, "zeros have no logarithm");
            Assert.assertTrue(colours.contains(0xFF009E73), "part of a line");
        }
        Assert.assertThrows(
                IllegalArgumentException.class, () -> LinePlot.builder().setTitle("x").build());
        Assert.assertThrows(
                IllegalArgumentException.class, () -> new Series("a", x, new double[3]));
    }

    @Test
    public void cellsAreDarkWhereTheyAreLarge() throws IOException {
        MatrixPlot plot =
                new MatrixPlot(
                        "title",
                        "x",
                        "y",
                        List.of("a", "b"),
                        List.of("a", "b"),
                        new double[][] {{10, 0}, {0, 10}});
        BufferedImage image = image(plot.png());
        Assert.assertTrue(colours(image).contains(0xFF3182BD), "the largest");
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> new MatrixPlot("", "", "", List.of("a"), List.of("b"), new double[2][1]));
    }

    private static BufferedImage image(byte[] png) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static Set<Integer> colours(BufferedImage image) {
        Set<Integer> colours = new HashSet<>();
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                colours.add(image.getRGB(x, y));
            }
        }
        return colours;
    }

    /** A spreadsheet shows what a name of a file or a label says, and does not run it. */
    @Test
    public void formulasAreQuoted() {
        List<Object> texts =
                List.of("=1+2", "+a", "-a", "@a", "\ta", "\ra", "＝1", "--1", "-1+2", "=\"a\"");
        List<Object> numbers = List.of(-1, -0.5f, "-1", "+2.5", "-1e-3", "a=1", "a-b", "'a");
        for (Object text : texts) {
            String csv = new CsvTable(List.of("a"), List.of(List.of(text))).text();
            String cell = "'" + text.toString().replace("\"", "\"\"");
            Assert.assertTrue(csv.endsWith(cell + "\r\n") || csv.endsWith(cell + "\"\r\n"), csv);
        }
        for (Object number : numbers) {
            String csv = new CsvTable(List.of("a"), List.of(List.of(number))).text();
            Assert.assertEquals(csv, "a\r\n" + number + "\r\n");
        }
        String header = new CsvTable(List.of("=a"), List.of()).text();
        Assert.assertEquals(header, "'=a\r\n");
    }
}
