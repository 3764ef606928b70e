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

import ai.djl.mamba.MambaState;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.zoo.text.GenerationOptions.EarlyStopping;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * Beam search for one prompt, as transformers' {@code generate} does it: it ends when all finished
 * beams are better than the best running one could be, as {@link GenerationOptions.EarlyStopping}
 * estimates it.
 */
final class BeamSearch {

    private final TokenReader reader;
    private final NDManager manager;
    private final GenerationOptions options;
    private final int width;
    private List<Beam> running;
    private final ReadTokens read;
    private final List<Generated> finished = new ArrayList<>(); // the best one first

    BeamSearch(TokenReader reader, NDManager manager, GenerationOptions options, ReadTokens read) {
        this.reader = reader;
        this.manager = manager;
        this.options = options.forPrompt(read.count());
        this.read = read;
        width = options.beams();
        int allowed = options.allowed(reader.vocabSize());
        Checks.require(
                width <= allowed,
                "TextGenerator",
                "expected at most as many beams as the %d token ids, got %d",
                allowed,
                width);
    }

    /** A sequence in the making; each knows the one that it continues. */
    private record Beam(Beam parent, Token token, double sum, TokenHistory history) {

        List<Token> tokens() {
            List<Token> tokens = new ArrayList<>();
            for (Beam beam = this; beam.parent != null; beam = beam.parent) {
                tokens.add(beam.token);
            }
            Collections.reverse(tokens);
            return tokens;
        }
    }

    /** A running beam and a token to go on with. */
    private record Candidate(int row, int id, double sum) {}

    /**
     * Searches.
     *
     * @param prompt the output of the model after the prompt; the state is closed
     * @return the best beams, as many as samples are asked for
     */
    List<Generated> run(Reading prompt) {
        running = List.of(new Beam(null, null, 0, new TokenHistory(read, options)));
        Reading reading = prompt;
        for (int length = 1; length <= options.maxNewTokens(); length++) {
            int[] rows = step(reading.logits(), length);
            if (rows.length == 0 || isHopeless(length)) {
                break;
            }
            List<long[]> unread =
                    running.stream().map(beam -> new long[] {beam.token().id()}).toList();
            try (MambaState state = BatchGeneration.select(reading.state(), rows)) {
                reading = reader.read(manager, state, unread);
            }
        }
        reading.state().close();
        if (options.maxNewTokens() == 0) {
            return Collections.nCopies(options.samples(), empty());
        }
        return List.copyOf(finished.subList(0, Math.min(options.samples(), finished.size())));
    }

    private static Generated empty() {
        return new Generated(List.of(), FinishReason.LENGTH, OptionalInt.empty(), 0);
    }

    /** Takes one step; returns for each of the beams that run on the row that it continues. */
    private int[] step(float[] logits, int length) {
        List<Candidate> candidates = candidates(logits);
        List<Beam> next = new ArrayList<>();
        int[] rows = new int[width];
        for (int rank = 0; rank < candidates.size(); rank++) {
            Candidate candidate = candidates.get(rank);
            if (options.endIds().contains(candidate.id()) || length == options.maxNewTokens()) {
                if (rank < width) { // those behind are only there to run on
                    finish(candidate, logits, length);
                }
            } else if (next.size() < width) {
                rows[next.size()] = candidate.row();
                next.add(extend(candidate, logits));
            }
        }
        running = next;
        return Arrays.copyOf(rows, next.size());
    }

    /** The best continuations of all beams: enough to run on where all but the others end. */
    private List<Candidate> candidates(float[] logits) {
        int count = Math.max(2, 1 + options.endIds().size()) * width;
        List<Candidate> candidates = new ArrayList<>();
        for (int row = 0; row < running.size(); row++) {
            float[] scores = scores(logits, row);
            Beam beam = running.get(row);
            for (int id : Ranking.best(scores, 0, scores.length, count).sorted()) {
                candidates.add(new Candidate(row, id, beam.sum() + scores[id]));
            }
        }
        if (candidates.isEmpty()) {
            if (options.noRepeatNgramSize() > 0 && Sampler.isEachForbidden(scores(logits, 0))) {
                throw new IllegalStateException(
                        String.format(
                                Sampler.EXHAUSTED,
                                options.noRepeatNgramSize(),
                                options.allowed(reader.vocabSize())));
            }
            throw new IllegalStateException("No token can be chosen: the logits are not numbers");
        }
        candidates.sort(Comparator.comparingDouble(Candidate::sum).reversed());
        return candidates.subList(0, Math.min(count, candidates.size()));
    }

    private float[] scores(float[] logits, int row) {
        int offset = row * reader.paddedVocabSize();
        double logSum = LogProbs.logSumExp(logits, offset, reader.vocabSize());
        float[] scores = new float[options.allowed(reader.vocabSize())];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = (float) (logits[offset + id] - logSum);
        }
        running.get(row).history().apply(scores, options);
        return scores;
    }

    private Beam extend(Candidate candidate, float[] logits) {
        Beam parent = running.get(candidate.row());
        TokenHistory history = parent.history().copy();
        history.add(candidate.id(), options);
        int offset = candidate.row() * reader.paddedVocabSize();
        Token token = Token.of(candidate.id(), logits, offset, reader.vocabSize(), options);
        return new Beam(parent, token, candidate.sum(), history);
    }

    private void finish(Candidate candidate, float[] logits, int length) {
        double score = candidate.sum() / Math.pow(length, options.lengthPenalty());
        boolean end = options.endIds().contains(candidate.id());
        Beam beam = end ? running.get(candidate.row()) : extend(candidate, logits);
        finished.add(
                new Generated(
                        beam.tokens(),
                        end ? FinishReason.END : FinishReason.LENGTH,
                        end ? OptionalInt.of(candidate.id()) : OptionalInt.empty(),
                        score));
        finished.sort(Comparator.comparingDouble(Generated::score).reversed());
        if (finished.size() > width) {
            finished.remove(width);
        }
    }

    private boolean isHopeless(int length) {
        if (finished.size() < width) {
            return false;
        }
        boolean mayGrow =
                options.earlyStopping() == EarlyStopping.NEVER && options.lengthPenalty() > 0;
        int end = mayGrow ? options.maxNewTokens() : length;
        double best = running.get(0).sum() / Math.pow(end, options.lengthPenalty());
        return options.earlyStopping() == EarlyStopping.ON
                || best <= finished.get(width - 1).score();
    }
}
