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

import ai.djl.mamba.examples.cli.languages.LanguagesResult.Run;
import ai.djl.mamba.training.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The findings of {@code mamba languages}, in sentences with numbers. */
final class LanguagesFindings {

    private final LanguagesResult result;
    private final List<String> sentences = new ArrayList<>();

    private LanguagesFindings(LanguagesResult result) {
        this.result = result;
    }

    static List<String> of(LanguagesResult result) {
        LanguagesFindings findings = new LanguagesFindings(result);
        findings.accuracies();
        Run scratch = result.run(LanguageStart.SCRATCH);
        Run full = result.run(LanguageStart.PRETRAINED);
        Run lora = result.run(LanguageStart.LORA);
        findings.race(scratch, full);
        findings.race(scratch, lora);
        findings.lora(full, lora);
        return findings.sentences;
    }

    private void accuracies() {
        List<String> each = new ArrayList<>();
        for (Run run : result.runs()) {
            each.add(
                    String.format(
                            Locale.ROOT, "%s %.1f %%", run.start().label(), 100 * run.accuracy()));
        }
        say(
                "Accuracy after %,d steps, on %,d files in %d languages: %s.",
                result.runs().get(0).steps(),
                result.tests(),
                result.languages().size(),
                String.join("; ", each));
    }

    /** When a pretrained one is as good as the one from scratch at its end. */
    private void race(Run scratchOrNull, Run runOrNull) {
        if (scratchOrNull == null || runOrNull == null) {
            return;
        }
        Evaluation reached = runOrNull.reaching(scratchOrNull.accuracy());
        Evaluation first = scratchOrNull.reaching(scratchOrNull.accuracy());
        String label = runOrNull.start().label();
        if (reached == null) {
            say(
                    "%s: never as good as from scratch at the end, %.1f %%.",
                    capitalized(label), 100 * scratchOrNull.accuracy());
            return;
        }
        say(
                "%s: as good as from scratch at the end (%.1f %%, first reached at step %,d) from"
                        + " step %,d on, after %.0f %% of all steps.",
                capitalized(label),
                100 * scratchOrNull.accuracy(),
                first.step(),
                reached.step(),
                100.0 * reached.step() / scratchOrNull.steps());
    }

    private void lora(Run fullOrNull, Run loraOrNull) {
        if (loraOrNull == null) {
            return;
        }
        say(
                "LoRA trains %,d of %,d numbers, %.2f %%.",
                loraOrNull.trained(), loraOrNull.parameters(), 100 * loraOrNull.trainedPart());
        if (fullOrNull != null) {
            say(
                    "LoRA differs from training everything by %+.1f points.",
                    100 * (loraOrNull.accuracy() - fullOrNull.accuracy()));
        }
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private void say(String format, Object... args) {
        sentences.add(String.format(Locale.ROOT, format, args));
    }
}
