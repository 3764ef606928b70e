/**
 * Training data of any size, read as a stream: from files, folders and archives to documents, to
 * tokens, to batches whose position can be saved.
 *
 * <pre>
 * TextData → RecordSource (a part of it) → RecordStream (one pass) → ShuffleBuffer
 *   → PackedBatches, ContinuedBatches, ClassificationBatches; RandomWindows where all fits in memory
 * </pre>
 */
package ai.djl.mamba.zoo.data;
