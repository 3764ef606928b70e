/**
 * Checkpoints on disk: folders with {@code config.json} and weights, in the dialects of Hugging
 * Face transformers and of {@code state-spaces/mamba}.
 *
 * <p>{@link ai.djl.mamba.zoo.checkpoint.MambaCheckpoint} saves and loads language models, {@link
 * ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint} classifiers, {@link
 * ai.djl.mamba.zoo.checkpoint.LoraCheckpoint} their adapters. Everything that a file claims is
 * checked before memory is allocated for it, and every tensor is accounted for.
 *
 * <p>All of them open a folder as a {@link ai.djl.mamba.zoo.checkpoint.Checkpoint}. A {@link
 * ai.djl.mamba.zoo.checkpoint.CheckpointCodec} knows the configurations and names of one family.
 */
package ai.djl.mamba.zoo.checkpoint;
