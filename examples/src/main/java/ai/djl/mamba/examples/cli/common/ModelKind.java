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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.layer.Mixer;
import java.util.Map;

/**
 * A kind of model on the command line: its names, its default sizes, and which options it
 * understands. {@link ModelKinds} lists them all.
 */
public abstract class ModelKind {

    private final String id;
    private final String label;
    private final String title;
    private final String about;
    private final Map<Use, Usual> usual;

    /**
     * Describes a kind.
     *
     * @param id the name on the command line
     * @param label the name in a plot
     * @param title the name in a text
     * @param about the models of a comparison, see {@link #about()}
     * @param usual the default sizes, for each use for which it is offered
     */
    ModelKind(String id, String label, String title, String about, Map<Use, Usual> usual) {
        this.id = id;
        this.label = label;
        this.title = title;
        this.about = about;
        this.usual = usual;
    }

    /** What a command uses a model for: each use has sizes of its own. */
    public enum Use {
        /** {@code mamba train}. */
        TRAIN,
        /** {@code mamba bench}. */
        BENCH,
        /** {@code mamba compare}. */
        COMPARE,
        /** The copying tasks of {@code mamba synthetic}. */
        COPYING,
        /** The induction heads of {@code mamba synthetic}. */
        RECALL
    }

    /**
     * Default sizes of a mixer.
     *
     * @param states N, the states of a channel; 0 for attention
     * @param headSize P, the largest size of a head; 0 for mixers without heads
     */
    public record Usual(int states, int headSize) {

        static final Usual NONE = new Usual(0, 0);

        Usual(int states) {
            this(states, 0);
        }
    }

    /**
     * What the Mamba paper reports (Gu and Dao 2023, tables 1 and 2: two layers, d 64).
     *
     * @param selectiveCopying the accuracy in percent, or {@code null} if the text names none
     * @param from the smallest length at which induction heads are all right
     * @param to the largest such length
     */
    public record Paper(Double selectiveCopying, int from, int to) {}

    /**
     * Returns the name in a text.
     *
     * @return the title of a model
     */
    public String title() {
        return title;
    }

    /**
     * Returns the name in a plot.
     *
     * @return the label of a line
     */
    public String label() {
        return label;
    }

    /**
     * Describes the models of a comparison.
     *
     * @return a sentence with the placeholders {@code {width}}, {@code {head size}} and {@code
     *     {part}}
     */
    public String about() {
        return about;
    }

    /**
     * Tells whether a command offers this kind.
     *
     * @param use what for
     * @return whether it does
     */
    public boolean isFor(Use use) {
        return usual.containsKey(use);
    }

    /**
     * Returns the default sizes.
     *
     * @param use what for, one that this kind {@link #isFor is for}
     * @return the sizes
     */
    public Usual usual(Use use) {
        return usual.get(use);
    }

    /**
     * Creates the options of the layers.
     *
     * @param modelSize d
     * @param sizes the sizes; a mixer ignores those that it does not have
     * @return the options
     * @throws IllegalArgumentException if a size is out of range
     */
    public Mixer mixer(int modelSize, MixerSizes sizes) {
        throw new IllegalStateException(id + " has no mixer");
    }

    /**
     * Tells whether this is a transformer, which has no mixer and no state.
     *
     * @return whether it is
     */
    public boolean isAttention() {
        return false;
    }

    /**
     * Tells whether a transformer reads in parts, with pre-norm layers.
     *
     * @return whether it does
     */
    public boolean readsInParts() {
        return false;
    }

    /**
     * Tells whether a channel has states.
     *
     * @return whether there is a state to carry
     */
    public boolean hasState() {
        return !isAttention();
    }

    /**
     * Tells whether channels are split into heads and groups.
     *
     * @return whether they are
     */
    public boolean hasHeads() {
        return usual.values().stream().anyMatch(sizes -> sizes.headSize() > 0);
    }

    /**
     * Returns the projection to the time steps, which may learn at a rate of its own.
     *
     * @return a pattern for the names of its parameters, or {@code null} if there is none
     */
    public String timeStepProjection() {
        return null;
    }

    /**
     * Returns the scans of the layer.
     *
     * @return the scans, or {@code null} if it has no choice of them
     */
    public ScanSet<?> scans() {
        return null;
    }

    /**
     * Returns the figures of the paper.
     *
     * @return the figures, or {@code null} if there are none
     */
    public Paper paper() {
        return null;
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return id;
    }
}
