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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.text.GenerationOptions.EarlyStopping;
import com.google.gson.Gson;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Reader;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Options by the names of transformers. The ids of arguments.json are those of transformers 5.24:
 * {@code generate(ids, use_cache=False, **arguments)} without prompt and end.
 */
public class GenerationArgumentsTest extends EngineSuite {

    private static final GenerationOptions PLAIN = GenerationOptions.builder().build();

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public GenerationArgumentsTest(EngineSetup engine) {
        super(engine);
    }

    /** One entry of arguments.json. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(String model, long[] prompt, Map<String, Object> arguments, int[][] ids) {}

    @DataProvider
    public Object[][] models() {
        return new Object[][] {{"hf-tiny"}, {"hf-tiny-mamba2"}};
    }

    @Test(dataProvider = "models")
    public void continuationsAreThoseOfTransformers(String name) throws Exception {
        TextGenerator generator =
                new TextGenerator(MambaCheckpoint.load(Fixtures.folder(name), manager), manager);
        int compared = 0;
        try (Reader json = SamplerTest.resource("arguments.json")) {
            for (Case expected : new Gson().fromJson(json, Case[].class)) {
                if (!expected.model().equals(name)) {
                    continue;
                }
                GenerationOptions options = GenerationArguments.read(expected.arguments(), PLAIN);
                List<Generated> direct = generator.generate(List.of(expected.prompt()), options);
                try (PromptState state = generator.read(expected.prompt())) {
                    check(expected, direct);
                    check(expected, generator.generateAll(state, options, (row, token) -> true));
                }
                compared++;
            }
        }
        Assert.assertTrue(compared > 30, "cases: " + compared);
    }

    private static void check(Case expected, List<Generated> found) {
        Assert.assertEquals(found.size(), expected.ids().length);
        for (int i = 0; i < found.size(); i++) {
            Assert.assertEquals(
                    found.get(i).ids(), expected.ids()[i], expected.arguments() + " " + i);
        }
    }

    @Test
    public void eachNameIsRead() {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("max_length", 90);
        arguments.put("min_length", "4");
        arguments.put("min_new_tokens", 3.0);
        arguments.put("temperature", 0.5);
        arguments.put("top_k", 7);
        arguments.put("top_p", "0.9");
        arguments.put("min_p", 0.1);
        arguments.put("typical_p", 0.8);
        arguments.put("repetition_penalty", 1.2);
        arguments.put("no_repeat_ngram_size", 3);
        arguments.put("frequency_penalty", 0.3);
        arguments.put("presence_penalty", 0.4);
        arguments.put("seed", 1L << 40);
        arguments.put("eos_token_id", "3, 5");
        arguments.put("num_return_sequences", 2);
        arguments.put("stop_strings", List.of("a", "b"));
        arguments.put("early_stopping", "never");
        arguments.put("length_penalty", 0.7);
        arguments.put("num_beams", 1);
        arguments.put("do_sample", "True");
        arguments.put("use_cache", true);
        arguments.put("bad_words_ids", null);
        arguments.put("guidance_scale", 1.0);
        GenerationOptions expected =
                GenerationOptions.builder()
                        .optMaxLength(90)
                        .optMinLength(4)
                        .optMinNewTokens(3)
                        .optTemperature(0.5)
                        .optTopK(7)
                        .optTopP(0.9)
                        .optMinP(0.1)
                        .optTypicalP(0.8)
                        .optRepetitionPenalty(1.2)
                        .optNoRepeatNgramSize(3)
                        .optFrequencyPenalty(0.3)
                        .optPresencePenalty(0.4)
                        .optSeed(1L << 40)
                        .optEndIds(3, 5)
                        .optSamples(2)
                        .optStopStrings(List.of("a", "b"))
                        .optEarlyStopping(EarlyStopping.NEVER)
                        .optLengthPenalty(0.7)
                        .build();
        Assert.assertEquals(GenerationArguments.read(arguments, PLAIN), expected);
        Set<String> left = new HashSet<>(GenerationArguments.names());
        left.removeAll(arguments.keySet());
        Assert.assertEquals(left, Set.of("max_new_tokens", "stop"));
    }

    @DataProvider
    public Object[][] lists() {
        return new Object[][] {
            {"stop_strings", new String[] {"a", "b"}, List.of("a", "b")},
            {"stop_strings", new LinkedHashSet<>(List.of("a", "b")), List.of("a", "b")},
            {"stop_strings", "[\"n\"]", List.of("n")},
            {"stop_strings", " [\"a\", \"b\"]", List.of("a", "b")},
            {"stop_strings", "[INST]", List.of("[INST]")}, // a text to stop at, not a list
            {"stop_strings", "[1]", List.of("[1]")},
            {"stop_strings", "[", List.of("[")},
            {"stop", new char[] {'.', '!'}, List.of(".", "!")},
            {"eos_token_id", new int[] {32, 10}, Set.of(32, 10)},
            {"eos_token_id", new long[] {32, 10}, Set.of(32, 10)},
            {"eos_token_id", new Integer[] {32, 10}, Set.of(32, 10)},
            {"eos_token_id", Set.of(32, 10), Set.of(32, 10)},
            {"eos_token_id", "[32, 10]", Set.of(32, 10)},
            {"eos_token_id", "[]", Set.of()},
            {"eos_token_id", 32.0, Set.of(32)},
        };
    }

    @Test(dataProvider = "lists")
    public void listsAreOfAnyKind(String name, Object value, Collection<?> expected) {
        GenerationOptions options = read(Map.of(name, value));
        Assert.assertEquals(
                name.startsWith("stop") ? options.stopStrings() : options.endIds(), expected);
    }

    @DataProvider
    public Object[][] outOfRange() {
        return new Object[][] {
            {Map.of("temperature", -1), "expected \"temperature\" of at least 0, got -1.0"},
            {Map.of("top_p", 2), "expected \"top_p\" in [0.0, 1.0], got 2.0"},
            {Map.of("length_penalty", "NaN"), "expected a finite \"length_penalty\", got NaN"},
            {Map.of("no_repeat_ngram_size", -2), "expected \"no_repeat_ngram_size\" of at least"},
            {Map.of("num_return_sequences", 0), "expected \"num_return_sequences\" of at least"},
            {Map.of("eos_token_id", List.of(-4)), "expected \"eos_token_id\" of at least 0"},
        };
    }

    @Test(dataProvider = "outOfRange")
    public void whatIsOutOfRangeHasTheNameThatWasGiven(Map<String, ?> arguments, String message) {
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> read(arguments));
        Assert.assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }

    @Test
    public void samplingIsSwitchedByName() {
        Assert.assertEquals(read(Map.of("do_sample", true)).temperature(), 1);
        GenerationOptions warm = PLAIN.toBuilder().optTemperature(0.3).optTopK(4).build();
        Assert.assertEquals(
                GenerationArguments.read(Map.of("do_sample", true), warm).temperature(), 0.3);
        GenerationOptions greedy = GenerationArguments.read(Map.of("do_sample", false), warm);
        Assert.assertEquals(greedy, PLAIN);
        Assert.assertEquals(read(Map.of("temperature", 0.4)).temperature(), 0.4);
    }

    @Test
    public void theLimitOfNewTokensWins() {
        GenerationOptions both = read(Map.of("max_length", 9, "max_new_tokens", 14));
        Assert.assertEquals(both.maxLength(), 0);
        Assert.assertEquals(both.maxNewTokens(), 14);
        GenerationOptions length =
                GenerationArguments.read(Map.of("max_length", 9), both); // over an older limit
        Assert.assertEquals(length.forPrompt(4).maxNewTokens(), 5);
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> length.forPrompt(9));
        Assert.assertTrue(e.getMessage().contains("maxLength = 9, got 9"), e.getMessage());
    }

    private static GenerationOptions read(Map<String, ?> arguments) {
        return GenerationArguments.read(arguments, PLAIN);
    }

    @DataProvider
    public Object[][] refused() {
        return new Object[][] {
            {"max_new_token", 5, "did you mean max_new_tokens?"},
            {"Temperature", 1, "did you mean temperature?"},
            {"maxNewTokens", 1, "did you mean max_new_tokens?"},
            {"stop_string", "a", "did you mean stop_strings?"},
            {"grammar", "a", "unknown option of generation \"grammar\""},
            {"bad_words_ids", List.of(List.of(1)), "\"bad_words_ids\" is not supported"},
            {"guidance_scale", 2, "\"guidance_scale\" is not supported, got 2"},
            {"top_k", "many", "\"top_k\" should be a whole number, got many"},
            {"top_p", "much", "\"top_p\" should be a number, got much"},
            {"do_sample", 1, "\"do_sample\" should be true or false, got 1"},
            {"early_stopping", "soon", "\"early_stopping\" should be true, false or \"never\""},
            {"eos_token_id", List.of("x"), "\"eos_token_id\" should be a whole number"},
            {"eos_token_id", Map.of("a", 1), "\"eos_token_id\" should be an id or a list of ids"},
            {"eos_token_id", true, "should be an id or a list of ids, got true"},
            {"eos_token_id", "[32, 10", "should be an id or a list of ids, got [32, 10"},
            {"eos_token_id", new boolean[] {true}, "a list of ids, got [true]"},
            {"stop_strings", 5, "\"stop_strings\" should be a text or a list of texts, got 5"},
            {"stop_strings", new int[] {5}, "should be a text or a list of texts, got [5]"},
            {"stop_strings", Map.of("a", "b"), "should be a text or a list of texts"},
            {"top_k", new int[] {5}, "\"top_k\" should be a whole number, got [5]"},
            {"beams", 2, "did you mean num_beams?"},
            {"beam_width", 2, "did you mean num_beams?"},
            {"samples", 2, "did you mean num_return_sequences?"},
            {"num_samples", 2, "did you mean num_return_sequences?"},
            {"sampling", true, "did you mean do_sample?"},
            {"greedy", true, "did you mean do_sample, with false?"},
            {"stop_words", "a", "did you mean stop_strings?"},
            {"stop_sequences", "a", "did you mean stop_strings?"},
            {"temp", 1, "did you mean temperature?"},
            {"random_seed", 1, "did you mean seed?"},
            {"log_probs", 1, "did you mean GenerationOptions.Builder.optLogProbs?"},
            {"eos", 1, "did you mean eos_token_id?"},
            {"penalty", 1, "did you mean repetition_penalty?"},
            {"assistant_model", "m", "\"assistant_model\" is not supported"},
            {"stopping_criteria", List.of(1), "use stop_strings or eos_token_id"},
            {"logits_processor", List.of(1), "\"logits_processor\" is not supported"},
            {"prefix_allowed_tokens_fn", 1, "\"prefix_allowed_tokens_fn\" is not supported"},
            {"negative_prompt_ids", List.of(1), "\"negative_prompt_ids\" is not supported"},
            {"prompt_lookup_num_tokens", 1, "\"prompt_lookup_num_tokens\" is not supported"},
            {"use_model_defaults", false, "\"use_model_defaults\" is not supported"},
        };
    }

    @Test(dataProvider = "refused")
    public void otherNamesAndValuesAreRefused(String name, Object value, String message) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> read(Map.of(name, value)));
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    public void contradictionsAreRefused() {
        for (Map<String, Object> arguments :
                List.of(
                        Map.<String, Object>of("do_sample", true, "temperature", 0),
                        Map.<String, Object>of("stop", "a", "stop_strings", "b"),
                        Map.<String, Object>of("do_sample", true, "num_beams", 2))) {
            Assert.expectThrows(IllegalArgumentException.class, () -> read(arguments));
        }
    }

    @Test
    public void exhaustedNgramsAreNamed() throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
        TextGenerator generator = new TextGenerator(model, manager);
        for (String beams : List.of("1", "2")) {
            Map<String, String> once = Map.of("no_repeat_ngram_size", "1", "num_beams", beams);
            GenerationOptions options = read(once).toBuilder().optVocabLimit(3).build();
            IllegalStateException e =
                    Assert.expectThrows(
                            IllegalStateException.class,
                            () -> generator.generate(List.of(new long[] {1}), options));
            Assert.assertTrue(
                    e.getMessage().contains("noRepeatNgramSize = 1 forbids each of the 3 ids"),
                    e.getMessage());
        }
    }

    @Test
    public void aRestoredStateHasNoIdsToRepeat() throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
        TextGenerator generator = new TextGenerator(model, manager);
        GenerationOptions options = read(Map.of("no_repeat_ngram_size", 2));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PromptState first = generator.read(new long[] {1, 2});
                PromptState state = generator.read(first, new long[] {3})) {
            state.save(bytes);
            Assert.assertEquals(state.read().all(), new int[] {1, 2, 3});
        }
        ByteArrayInputStream in = new ByteArrayInputStream(bytes.toByteArray());
        try (PromptState restored = PromptState.load(manager, in, model)) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> generator.generate(restored, options));
            Assert.assertTrue(e.getMessage().contains("noRepeatNgramSize"), e.getMessage());
        }
    }
}
