/**
 * Checkpoints on disk: a folder with {@code config.json} and {@code model.safetensors}.
 *
 * <p>{@link ai.djl.mamba.zoo.checkpoint.MambaCheckpoint} saves and loads whole models; the reader
 * and the writer of the safetensors format below it work tensor by tensor.
 */
package ai.djl.mamba.zoo.checkpoint;
