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
package ai.djl.mamba.examples.cli.languages;

import ai.djl.mamba.zoo.data.LabelSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The languages, by the extensions of file names. Extensions that several languages share are left
 * out, but C and C++, which share their headers, count as one.
 */
final class Languages {

    private static final Map<String, List<String>> TABLE =
            Map.ofEntries(
                    Map.entry("c/c++", List.of("c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx")),
                    Map.entry("cmake", List.of("cmake")),
                    Map.entry("css", List.of("css")),
                    Map.entry("go", List.of("go")),
                    Map.entry("html", List.of("html", "htm", "xhtml")),
                    Map.entry("ini", List.of("ini", "properties", "desktop", "service", "toml")),
                    Map.entry("java", List.of("java")),
                    Map.entry("javascript", List.of("js", "mjs", "cjs", "jsx")),
                    Map.entry("json", List.of("json")),
                    Map.entry("kotlin", List.of("kt", "kts")),
                    Map.entry("lisp", List.of("el", "lisp", "scm")),
                    Map.entry("lua", List.of("lua")),
                    Map.entry("markdown", List.of("md", "markdown")),
                    Map.entry("perl", List.of("pl", "pm")),
                    Map.entry("php", List.of("php")),
                    Map.entry("python", List.of("py")),
                    Map.entry("restructuredtext", List.of("rst")),
                    Map.entry("ruby", List.of("rb")),
                    Map.entry("rust", List.of("rs")),
                    Map.entry("scala", List.of("scala")),
                    Map.entry("shell", List.of("sh", "bash")),
                    Map.entry("sql", List.of("sql")),
                    Map.entry("tcl", List.of("tcl")),
                    Map.entry("tex", List.of("tex", "sty", "cls")),
                    Map.entry("typescript", List.of("ts", "tsx")),
                    Map.entry("vim", List.of("vim")),
                    Map.entry("xml", List.of("xml", "xsd", "xsl", "xslt", "pom")),
                    Map.entry("yaml", List.of("yaml", "yml")));

    private static final LabelSource BY_EXTENSION = LabelSource.extensions(byExtension());

    private Languages() {}

    private static Map<String, String> byExtension() {
        Map<String, String> languages = new TreeMap<>();
        TABLE.forEach(
                (language, extensions) ->
                        extensions.forEach(
                                extension -> {
                                    if (languages.put(extension, language) != null) {
                                        throw new IllegalStateException("." + extension + " twice");
                                    }
                                }));
        return languages;
    }

    /**
     * Returns the language of a file, judging by its name.
     *
     * @param name the name of the file, with or without "/" between folders
     * @return the language, or {@code null} if the name does not tell
     */
    static String of(String name) {
        return BY_EXTENSION.label(name);
    }
}
