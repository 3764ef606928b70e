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
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The README or a page of docs.
 *
 * @param name its path below the root of the project
 * @param lines its text
 */
record Document(String name, List<String> lines) {

    private static final String FENCE = "```";

    /** The README and SECURITY.md, then the pages of docs in alphabetical order. */
    static List<Document> all() throws IOException {
        Path root = ProjectFiles.root();
        List<Document> all = new ArrayList<>();
        all.add(read(root, root.resolve("README.md")));
        all.add(read(root, root.resolve("SECURITY.md")));
        try (Stream<Path> files = Files.list(root.resolve("docs"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
                all.add(read(root, file));
            }
        }
        return all;
    }

    private static Document read(Path root, Path file) throws IOException {
        String name = root.relativize(file).toString().replace('\\', '/');
        return new Document(name, Files.readAllLines(file));
    }

    /** The fenced blocks, from the top. */
    List<CodeBlock> blocks() {
        List<CodeBlock> blocks = new ArrayList<>();
        int start = -1;
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith(FENCE)) {
                continue;
            }
            if (start < 0) {
                start = i;
            } else {
                String language = lines.get(start).substring(FENCE.length()).strip();
                blocks.add(new CodeBlock(name, start + 1, language, lines.subList(start + 1, i)));
                start = -1;
            }
        }
        return blocks;
    }

    /** The blocks of a language in all documents. */
    static List<CodeBlock> blocks(String language) throws IOException {
        return all().stream()
                .flatMap(document -> document.blocks().stream())
                .filter(block -> block.language().equals(language))
                .toList();
    }

    /** The text outside of fenced blocks. */
    List<String> prose() {
        List<String> prose = new ArrayList<>();
        boolean code = false;
        for (String line : lines) {
            boolean fence = line.startsWith(FENCE);
            if (!fence && !code) {
                prose.add(line);
            }
            code = fence != code;
        }
        return prose;
    }

    /** What may follow # in a link to this document: its headings in the way of GitHub. */
    List<String> anchors() {
        return prose().stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+", "").strip().toLowerCase(Locale.ROOT))
                .map(text -> text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
