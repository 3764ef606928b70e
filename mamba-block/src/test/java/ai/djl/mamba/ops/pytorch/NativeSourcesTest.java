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
package ai.djl.mamba.ops.pytorch;

import ai.djl.mamba.testing.ProjectFiles;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The committed native library is that of its sources; build.sh makes the same sums. */
public class NativeSourcesTest {

    private static final Path MAIN = ProjectFiles.root().resolve("mamba-block/src/main");
    private static final Path RESOURCES = MAIN.resolve("resources/native/linux-x86_64");

    private static Properties properties() throws IOException {
        Properties properties = new Properties();
        try (Reader reader =
                Files.newBufferedReader(RESOURCES.resolve("libmamba_torch.properties"))) {
            properties.load(reader);
        }
        return properties;
    }

    private static MessageDigest sha256() throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256");
    }

    @Test
    public void libraryIsThatOfItsSources() throws IOException, NoSuchAlgorithmException {
        Path sources = MAIN.resolve("native");
        List<String> files;
        try (Stream<Path> walk = Files.walk(sources)) {
            files =
                    walk.filter(Files::isRegularFile)
                            .map(path -> sources.relativize(path).toString().replace('\\', '/'))
                            .filter(name -> !name.startsWith("gpu-check/") && !name.endsWith(".md"))
                            .sorted()
                            .toList();
        }
        MessageDigest digest = sha256();
        for (String file : files) {
            byte[] bytes = Files.readAllBytes(sources.resolve(file));
            String content = new String(bytes, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
            digest.update((file + '\n' + content).getBytes(StandardCharsets.ISO_8859_1));
        }
        Assert.assertEquals(
                properties().getProperty("sources"),
                HexFormat.of().formatHex(digest.digest()),
                "the library is not built from these sources: run mamba-block/src/main/native/build.sh"
                        + " --install; files: "
                        + files);
    }

    @Test
    public void libraryHasItsChecksum() throws IOException, NoSuchAlgorithmException {
        byte[] library = Files.readAllBytes(RESOURCES.resolve("libmamba_torch.so"));
        Assert.assertEquals(
                properties().getProperty("library"),
                HexFormat.of().formatHex(sha256().digest(library)));
    }

    /** Or the bytes of a build, and what its messages say, depend on where the headers lie. */
    @Test
    public void libraryNamesNoFolderOfTheBuild() throws IOException {
        byte[] library = Files.readAllBytes(RESOURCES.resolve("libmamba_torch.so"));
        String content = new String(library, StandardCharsets.ISO_8859_1);
        Assert.assertTrue(content.contains("include/c10/"), "messages name headers");
        Assert.assertFalse(content.contains("/include/"), "of some folder");
    }

    /** Only that makes the same bytes: build.sh --compare asks for it. */
    @Test
    public void compilerIsKnown() throws IOException {
        String compiler = properties().getProperty("compiler");
        Assert.assertTrue(compiler.matches("\\(.+\\) [0-9.]+, GNU ld .+"), compiler);
    }
}
