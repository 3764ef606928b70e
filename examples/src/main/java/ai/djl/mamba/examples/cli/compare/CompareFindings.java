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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.mamba.examples.cli.compare.CompareResult.LearningPoint;
import ai.djl.mamba.examples.cli.compare.CompareResult.ModelLine;
import ai.djl.mamba.examples.cli.report.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What a comparison found, in sentences with numbers. */
final class CompareFindings {

    private static final int FIRST_LENGTH = 512; // below this the overhead of a call dominates
    private static final int LONG = 4096;

    /** The models that others are compared with: those with a scan. */
    private static final List<String> SCANNED =
            ModelKinds.all(Use.COMPARE).stream()
                    .filter(kind -> kind.scans() != null)
                    .map(ModelKind::toString)
                    .toList();

    private final CompareResult result;
    private final List<String> sentences = new ArrayList<>();

    private CompareFindings(CompareResult result) {
        this.result = result;
    }

    /** The findings about a result, as far as it has figures. */
    static List<String> of(CompareResult result) {
        CompareFindings findings = new CompareFindings(result);
        for (String scanned : SCANNED) {
            findings.flatness(scanned);
        }
        findings.others(CompareFigure.INFERENCE, "Inference");
        findings.others(CompareFigure.TRAINING, "Training");
        findings.decoding();
        findings.learning();
        return findings.sentences;
    }

    private String label(String name) {
        return result.models().stream()
                .filter(model -> model.name().equals(name))
                .map(ModelLine::label)
                .findFirst()
                .orElse(name);
    }

    private List<String> names() {
        return result.models().stream().map(ModelLine::name).toList();
    }

    private Map<Integer, Double> values(CompareFigure figure, String model, int from) {
        Map<Integer, Double> values = new LinkedHashMap<>();
        for (int length : result.lengths()) {
            OptionalDouble value = result.value(figure, model, length);
            if (length >= from && value.isPresent()) {
                values.put(length, value.getAsDouble());
            }
        }
        return values;
    }

    private static double spread(Map<Integer, Double> values) {
        double min = values.values().stream().mapToDouble(v -> v).min().orElseThrow();
        double max = values.values().stream().mapToDouble(v -> v).max().orElseThrow();
        return 100 * (max / min - 1);
    }

    private static int last(Map<Integer, Double> values) {
        return values.keySet().stream().mapToInt(length -> length).max().orElseThrow();
    }

    private void flatness(String name) {
        Map<Integer, Double> values = values(CompareFigure.INFERENCE, name, FIRST_LENGTH);
        if (values.size() > 1) {
            say(
                    "Inference with %s: the tokens per second from L %,d to %,d differ by at most"
                            + " %.0f %%.",
                    label(name), values.keySet().iterator().next(), last(values), spread(values));
        }
    }

    private void others(CompareFigure figure, String what) {
        List<String> others = new ArrayList<>(names());
        for (String scanned : SCANNED) {
            others.remove(scanned); // the second is not compared with the first again
            others.forEach(other -> compare(figure, what, scanned, other));
        }
    }

    private void compare(CompareFigure figure, String what, String scanned, String name) {
        Map<Integer, Double> reference = values(figure, scanned, LONG);
        Map<Integer, Double> other = values(figure, name, LONG);
        other.keySet().retainAll(reference.keySet());
        if (!other.isEmpty()) {
            List<String> ratios = new ArrayList<>();
            other.forEach(
                    (length, value) ->
                            ratios.add(
                                    String.format(
                                            Locale.ROOT,
                                            "%s × at L %,d",
                                            Numbers.significant(reference.get(length) / value),
                                            length)));
            say(
                    "%s: %s's tokens per second as a multiple of those of %s: %s.",
                    what, label(scanned), label(name), String.join(", ", ratios));
        }
    }

    private void decoding() {
        for (String name : names()) {
            Map<Integer, Double> values = values(CompareFigure.DECODE, name, 0);
            if (values.size() > 1) {
                double first = values.values().iterator().next();
                int length = last(values);
                say(
                        "%s decodes a token in %s ms after %,d tokens and in %s ms after %,d, of"
                                + " which it keeps %s.",
                        label(name),
                        Numbers.significant(first),
                        values.keySet().iterator().next(),
                        Numbers.significant(values.get(length)),
                        length,
                        Numbers.bytes(
                                result.value(CompareFigure.STATE, name, length).orElseThrow()));
            }
        }
    }

    private void learning() {
        Map<String, LearningPoint> last = new LinkedHashMap<>();
        result.learning().forEach(point -> last.put(point.model(), point));
        last.forEach(
                (name, point) ->
                        say(
                                "After %,d steps on the same text %s needs %.3f bits per byte of"
                                        + " held-out text.",
                                point.step(), label(name), point.bitsPerByte()));
    }

    private void say(String format, Object... args) {
        sentences.add(String.format(Locale.ROOT, format, args));
    }
}
