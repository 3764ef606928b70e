/** The codecs of the families of this project: their configurations and names in checkpoints. */
package ai.djl.mamba.zoo.internal.codecs;
