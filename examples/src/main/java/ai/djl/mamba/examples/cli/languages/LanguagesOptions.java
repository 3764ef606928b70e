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

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.TextWindow.Place;
import ai.djl.mamba.examples.cli.languages.LanguageData.Wanted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of {@link LanguagesCommand} about data and training. */
final class LanguagesOptions {

    private static final int EVALUATIONS = 15;

    @Option(
            names = "--data",
            arity = "1..*",
            paramLabel = "DIR",
            description =
                    "folders and zip archives with files (default: this folder, the sources of the"
                            + " JDK, and those of /usr/lib/python3*, /usr/share/perl*,"
                            + " /usr/include, /usr/share, /usr/lib, /etc and the local Maven"
                            + " repository that exist)")
    private List<Path> places;

    @Option(
            names = "--most-files",
            paramLabel = "N",
            defaultValue = "200000",
            description =
                    "maximum number of files looked at in each of them (default: ${DEFAULT-VALUE})")
    private int maxFiles;

    @Option(
            names = "--least",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "minimum number of different files of a language (default: ${DEFAULT-VALUE})")
    private int least;

    @Option(
            names = "--per-language",
            paramLabel = "N",
            defaultValue = "200",
            description =
                    "maximum number of files of a language to train on (default: ${DEFAULT-VALUE})")
    private int perLanguage;

    @Option(
            names = "--test-per-language",
            paramLabel = "N",
            defaultValue = "20",
            description =
                    "maximum number of files of a language to evaluate on (default: ${DEFAULT-VALUE})")
    private int testPerLanguage;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "256",
            description = "maximum number of bytes read of a file (default: ${DEFAULT-VALUE})")
    private int length;

    @Option(
            names = "--window",
            paramLabel = "PLACE",
            defaultValue = "middle",
            description = "where they are: start, middle or random (default: ${DEFAULT-VALUE})")
    private Place window;

    @Option(
            names = "--start",
            arity = "1..*",
            paramLabel = "START",
            description =
                    "classifiers to train, some of scratch, pretrained and lora (default: all of them)")
    private List<LanguageStart> starts;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "150",
            description = "training steps of each (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "files in a step (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--eval-every",
            paramLabel = "N",
            description = "steps between two evaluations (default: 15 evaluations in all)")
    private Integer evaluateEvery;

    @Option(
            names = "--pooling",
            paramLabel = "NAME",
            defaultValue = "mean",
            description =
                    "what the classifiers look at: the last byte or the mean of all, last or mean (default: ${DEFAULT-VALUE})")
    private Pooling pooling;

    @Option(
            names = "--lora",
            paramLabel = "R",
            defaultValue = "4",
            description = "rank of the adapters (default: ${DEFAULT-VALUE})")
    private int rank;

    @Option(
            names = "--lr-scratch",
            paramLabel = "RATE",
            defaultValue = "0.004",
            description = "peak learning rate from scratch (default: ${DEFAULT-VALUE})")
    private float scratchRate;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.002",
            description = "peak learning rate of the pretrained one (default: ${DEFAULT-VALUE})")
    private float rate;

    @Option(
            names = "--lr-lora",
            paramLabel = "RATE",
            defaultValue = "0.02",
            description = "peak learning rate of the adapters (default: ${DEFAULT-VALUE})")
    private float loraRate;

    private LanguagesOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--most-files", maxFiles, 1);
        common.atLeast("--least", least, 2);
        common.atLeast("--per-language", perLanguage, 1);
        common.atLeast("--test-per-language", testPerLanguage, 1);
        common.require(
                "--least",
                least <= perLanguage + testPerLanguage,
                "that many files are never taken, with --per-language "
                        + perLanguage
                        + " and --test-per-language "
                        + testPerLanguage);
        common.atLeast("--length", length, 1);
        common.atLeast("--steps", steps, 1);
        common.atLeast("--batch", batch, 1);
        common.atLeast("--eval-every", evaluateEvery, 1);
        common.atLeast("--lora", rank, 1);
        rate(common, "--lr-scratch", scratchRate);
        rate(common, "--lr", rate);
        rate(common, "--lr-lora", loraRate);
    }

    private static void rate(CommonOptions common, String option, float rate) {
        common.require(option, rate > 0 && Float.isFinite(rate), "expected a positive number");
    }

    List<Path> places() throws IOException {
        return places == null ? LanguageSearch.usualPlaces() : places;
    }

    /** The places that were named. */
    String[] namedPlaces() {
        List<Path> named = places == null ? List.of() : places;
        return named.stream().map(Path::toString).toArray(String[]::new);
    }

    int maxFiles() {
        return maxFiles;
    }

    int length() {
        return length;
    }

    String window() {
        return window.name().toLowerCase(Locale.ROOT);
    }

    Wanted wanted(int seed) {
        return new Wanted(length, window, perLanguage, testPerLanguage, least, seed);
    }

    List<LanguageStart> starts() {
        return starts == null
                ? List.of(LanguageStart.values())
                : starts.stream().distinct().toList();
    }

    float rate(LanguageStart start) {
        return switch (start) {
            case SCRATCH -> scratchRate;
            case PRETRAINED -> rate;
            case LORA -> loraRate;
        };
    }

    LanguageRuns.Settings settings(int seed) {
        int every = evaluateEvery == null ? Math.max(1, steps / EVALUATIONS) : evaluateEvery;
        return new LanguageRuns.Settings(steps, batch, length, every, pooling, rank, seed);
    }

    /** The options, by names for people. */
    Map<String, String> described() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bytes of a file", length + " at most, from its " + window());
        settings.put("steps", String.valueOf(steps));
        settings.put("files in a step", String.valueOf(batch));
        settings.put("pooling", pooling.name().toLowerCase(Locale.ROOT));
        settings.put("rank of the adapters", String.valueOf(rank));
        return settings;
    }
}
