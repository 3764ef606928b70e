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
package ai.djl.mamba.zoo.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Zip archives of texts whose headers do not say what is there. */
public class TextArchiveTest {

    private static final String TEXT =
            "some text of the data set, to be read as it is\n".repeat(100);
    private static final int SIZE = TEXT.length(); // 4,700 bytes
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;

    /** The distances of the fields from the start of a header. */
    private static final Map<Integer, Map<String, Integer>> FIELDS =
            Map.of(
                    LOCAL, Map.of("crc", 14, "packed", 18, "size", 22),
                    CENTRAL, Map.of("crc", 16, "packed", 20, "size", 24));

    private DataFolder folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = new DataFolder();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        folder.close();
    }

    /** Writes an archive of one text whose headers hold sizes and checksum. */
    private Path archive(String name, String entryName, boolean isStored) throws IOException {
        Path file = folder.path().resolve(name);
        byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            ZipEntry entry = new ZipEntry(entryName);
            if (isStored) {
                CRC32 crc = new CRC32();
                crc.update(text);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(text.length);
                entry.setCrc(crc.getValue());
            }
            out.putNextEntry(entry);
            out.write(text);
        }
        return file;
    }

    /** Changes a field of the first header of a kind. */
    private static void change(Path file, int header, String field, int value) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (buffer.getInt(at) != header) {
            at++;
        }
        at += FIELDS.get(header).get(field);
        buffer.putInt(at, value);
        Files.write(file, bytes);
    }

    private String failure(Path file) {
        IOException e =
                Assert.expectThrows(
                        IOException.class,
                        () -> DataFolder.read(TextData.builder().addPath(file).build()));
        return e.getMessage();
    }

    @DataProvider
    public Object[][] lies() {
        String size = "expected %d bytes, found ";
        String central = "expected the %s, as in the directory of the archive, found the %s in the";
        return new Object[][] {
            {false, CENTRAL, "size", 2400, String.format(size, 2400) + "more: at least"},
            {false, CENTRAL, "size", SIZE - 1, String.format(size, SIZE - 1) + "more: at least"},
            {false, CENTRAL, "size", SIZE + 1, String.format(size, SIZE + 1) + SIZE},
            {false, CENTRAL, "size", 7200, String.format(size, 7200) + SIZE},
            {false, CENTRAL, "crc", 1, "expected the checksum 00000001, found "},
            {false, CENTRAL, "packed", 20, String.format(size, SIZE)},
            {false, LOCAL, "size", 2400, String.format(central, "size 4700", "size 2400")},
            {false, LOCAL, "crc", 1, "found the checksum 00000001 in the header of the entry"},
            {true, LOCAL, "size", 7200, String.format(central, "size 4700", "size 7200")},
            {true, LOCAL, "crc", 1, "found the checksum 00000001 in the header of the entry"},
            {true, LOCAL, "packed", 9, "found the compressed size 9 in the header of the entry"},
            {true, CENTRAL, "size", 2400, String.format(central, "size 2400", "size 4700")},
            {true, CENTRAL, "packed", 2400, "expected the compressed size 2400"},
            {true, CENTRAL, "crc", 1, "expected the checksum 00000001"},
        };
    }

    @Test(dataProvider = "lies")
    public void anArchiveThatLiesIsRefused(
            boolean isStored, int header, String field, int value, String words)
            throws IOException {
        Path file = archive("src.zip", "m/a.txt", isStored);
        change(file, header, field, value);
        String message = failure(file);
        Assert.assertTrue(message.startsWith(file + "!/m/a.txt: damaged: expected "), message);
        Assert.assertTrue(message.contains(words), message);
    }

    @Test
    public void anEntryBeyondTheArchiveIsRefused() throws IOException {
        Path file = archive("src.zip", "m/a.txt", true);
        for (int header : new int[] {LOCAL, CENTRAL}) {
            change(file, header, "packed", SIZE + 20);
            change(file, header, "size", SIZE + 20);
        }
        String message = failure(file);
        Assert.assertTrue(message.startsWith(file + "!/m/a.txt: damaged: expected "), message);
    }

    /** Both headers say the same, and it is wrong. */
    @Test
    public void headersThatAgreeAreHeldToTheContent() throws IOException {
        for (String field : new String[] {"size", "packed"}) {
            Path file = archive("src.zip", "a.txt", true);
            for (int header : new int[] {LOCAL, CENTRAL}) {
                change(file, header, field, 2400);
            }
            Assert.assertTrue(failure(file).contains("damaged: expected "), failure(file));
        }
        Path file = archive("src.zip", "a.txt", true);
        change(file, LOCAL, "crc", 7);
        change(file, CENTRAL, "crc", 7);
        Assert.assertTrue(failure(file).contains("checksum 00000007, found"), failure(file));
    }

    /** Text that came before the end is not all that is wanted of a long entry. */
    @Test
    public void aLongTextFailsAtItsEnd() throws IOException {
        Path file = folder.zip("src.zip", Map.of("a.txt", "line\n".repeat(40_000)));
        change(file, CENTRAL, "crc", 1);
        String message = failure(file);
        Assert.assertTrue(message.startsWith(file + "!/a.txt: damaged: "), message);
    }

    @Test
    public void filesThatAreNoArchivesAreNamed() throws IOException {
        byte[] sound = Files.readAllBytes(archive("sound.zip", "a.txt", false));
        Object[][] files = {
            {"empty.zip", new byte[0], "found 0 bytes"},
            {"half.zip", Arrays.copyOf(sound, sound.length / 2), "found " + sound.length / 2},
            {"CAPITALS.ZIP", new byte[9], "found 9 bytes"},
        };
        for (Object[] file : files) {
            Path path = folder.write((String) file[0], (byte[]) file[1]);
            String message = failure(path);
            String words = path + ": expected a zip archive of texts, " + file[2];
            Assert.assertTrue(message.startsWith(words), message);
        }
        Path outside = archive("outside.zip", "../../x", false);
        String message = failure(outside);
        Assert.assertTrue(message.startsWith(outside + ": expected a zip archive"), message);
        Assert.assertTrue(message.contains("../../x"), message);
    }

    /** Several parts of gzip in an entry are one text, wherever they are cut. */
    @Test
    public void compressedTextInAnArchiveIsReadWhole() throws IOException {
        byte[] part = DataFolder.gzip("x".repeat(20) + "\n");
        byte[] parts = new byte[part.length * 500];
        for (int i = 0; i < 500; i++) {
            System.arraycopy(part, 0, parts, i * part.length, part.length);
        }
        Path file = folder.path().resolve("src.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new ZipEntry("a.txt.gz"));
            out.write(parts);
        }
        TextData data = TextData.builder().addPath(file).build();
        Assert.assertEquals(DataFolder.read(data).get(0).text().length(), 500 * 21);
    }

    @Test
    public void aCompressedTextThatEndsEarlySaysSo() throws IOException {
        byte[] packed = DataFolder.gzip(TEXT);
        for (int length : new int[] {0, 5, packed.length / 2, packed.length - 3}) {
            Path file = folder.write("a.txt.gz", Arrays.copyOf(packed, length));
            TextData data = TextData.builder().addPath(file).build();
            DataFolder.read(data);
            String message = data.badRowExamples().get(0);
            Assert.assertTrue(message.startsWith(file.toString()), message);
            Assert.assertTrue(message.endsWith("is damaged: it ends too early"), message);
        }
    }
}
