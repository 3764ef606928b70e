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
package ai.djl.mamba.integration;

import ai.djl.mamba.testing.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * A family of mixers is known in its own folder: other main code names it only in the files that
 * docs/design.md lists, each with its reason.
 */
public class FamilyNamesTest {

    private static final String LAYERS = "mamba-block/src/main/java/ai/djl/mamba/layer/";

    /** A family's own files: its folder, its codec, and its operators, which are one package. */
    private static final Pattern OWN =
            Pattern.compile(".*/layer/[a-z0-9]+/.*|.*Codec\\.java|.*/ops/.*");

    /** A row of the table in docs/design.md: | `File` | reason |. */
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| [^|]{20,} \\|");

    @Test
    public void onlyTheListedFilesNameAFamily() throws IOException {
        Pattern names = names();
        Set<String> naming = new TreeSet<>();
        for (Path file : mainSources()) {
            String path = ProjectFiles.root().relativize(file).toString().replace('\\', '/');
            if (!OWN.matcher(path).matches()
                    && !path.endsWith("package-info.java")
                    && names.matcher(Files.readString(file)).find()) {
                naming.add(file.getFileName().toString().replace(".java", ""));
            }
        }
        Assert.assertEquals(naming, listed());
    }

    /** The types of all families, and what papers call them. */
    private static Pattern names() throws IOException {
        try (Stream<Path> files = Files.walk(ProjectFiles.root().resolve(LAYERS), 2)) {
            String types =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .filter(file -> isFamily(file.getParent()))
                            .map(file -> file.getFileName().toString().replace(".java", ""))
                            .filter(name -> !name.equals("package-info"))
                            .collect(Collectors.joining("|"));
            Assert.assertTrue(types.contains("Mamba2Block"), types);
            return Pattern.compile("\\b(" + types + "|Mamba-?2|S4D|SSD)\\b");
        }
    }

    private static boolean isFamily(Path folder) {
        return !folder.equals(ProjectFiles.root().resolve(LAYERS).normalize())
                && !folder.getFileName().toString().equals("layer");
    }

    private static List<Path> mainSources() throws IOException {
        try (Stream<Path> files = Files.walk(ProjectFiles.root())) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().replace('\\', '/').contains("/src/main/java/"))
                    .filter(file -> !file.toString().contains("integration-tests"))
                    .toList();
        }
    }

    private static Set<String> listed() throws IOException {
        String design = Files.readString(ProjectFiles.root().resolve("docs/design.md"));
        int end = design.indexOf("\n## Choices"); // tables that follow list other things
        Assert.assertTrue(end > 0);
        Matcher rows = ROW.matcher(design.substring(0, end));
        Set<String> listed = new TreeSet<>();
        while (rows.find()) {
            listed.add(rows.group(1));
        }
        return listed;
    }
}
