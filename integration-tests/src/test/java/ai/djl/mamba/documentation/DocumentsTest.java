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
package ai.djl.mamba.documentation;

import ai.djl.mamba.testing.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The README and the pages of docs: their Java is tested code, and their links lead somewhere. */
public class DocumentsTest {

    private static final int MAX_README_LINES = 200;
    private static final Set<String> LANGUAGES = Set.of("java", "bash", "xml", "");
    private static final Pattern CODE = Pattern.compile("^(java|mvn|cd|\\./) |;$|^\\s*<\\w+>");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    @Test
    public void readmeIsShort() throws IOException {
        List<String> readme = Document.all().get(0).lines();
        Assert.assertTrue(readme.size() <= MAX_README_LINES, readme.size() + " lines");
    }

    @DataProvider
    public Object[][] documents() throws IOException {
        return rows(Document.all());
    }

    private static Object[][] rows(List<?> values) {
        return values.stream().map(value -> new Object[] {value}).toArray(Object[][]::new);
    }

    /** Otherwise a block could hold code or a command that no test looks at. */
    @Test(dataProvider = "documents")
    public void blocksNameTheirLanguage(Document document) {
        for (CodeBlock block : document.blocks()) {
            String language = block.language();
            Assert.assertTrue(LANGUAGES.contains(language), block.place() + ": " + language);
            boolean isDrawing = block.lines().stream().noneMatch(line -> CODE.matcher(line).find());
            Assert.assertTrue(isDrawing || !language.isEmpty(), block.place() + ": no language");
        }
    }

    @Test(dataProvider = "documents")
    public void linksLeadSomewhere(Document document) throws IOException {
        Path root = ProjectFiles.root();
        List<String> broken = new ArrayList<>();
        for (String line : document.prose()) {
            Matcher links = LINK.matcher(line.replaceAll("`[^`]*`", ""));
            while (links.find()) {
                String link = links.group(1);
                if (!link.contains("://") && !exists(root, document, link)) {
                    broken.add(link);
                }
            }
        }
        Assert.assertTrue(broken.isEmpty(), document.name() + ": " + broken);
    }

    private static boolean exists(Path root, Document from, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path target = root.resolve(from.name());
        if (!path.isEmpty()) {
            target = target.resolveSibling(path).normalize();
        }
        if (hash < 0 || !Files.exists(target)) {
            return Files.exists(target);
        }
        Document document = new Document(target.toString(), Files.readAllLines(target));
        return document.anchors().contains(link.substring(hash + 1));
    }

    /** The tests call what stands there, so it works, too. */
    @Test
    public void javaIsTestedCode() throws IOException {
        String tested = testedCode();
        List<CodeBlock> blocks = Document.blocks("java");
        List<String> untested =
                blocks.stream()
                        .filter(block -> !tested.contains(block.squeezed()))
                        .map(block -> block.place() + ": " + block.lines())
                        .toList();
        Assert.assertTrue(untested.isEmpty(), "not in the tests: " + untested);
        Assert.assertTrue(blocks.size() >= 20, "the documents have lost their examples");
    }

    private static String testedCode() throws IOException {
        Path root = ProjectFiles.root();
        StringBuilder code = new StringBuilder();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.map(m -> m.resolve("src/test/java")).toList()) {
                if (Files.isDirectory(module)) {
                    append(code, module);
                }
            }
        }
        return code.toString();
    }

    private static void append(StringBuilder code, Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                code.append(CodeBlock.squeeze(Files.readString(file))).append('\n');
            }
        }
    }
}
