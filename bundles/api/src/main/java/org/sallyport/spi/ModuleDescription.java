package org.sallyport.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.BinaryPlace;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.WasmModule;

/**
 * What can be told of a binary whether or not it is well-formed, valid, or needs what is not supported: for tools, not for
 * anything that runs it. Immutable.
 *
 * @param sections as they lie in the binary; some thousands at most
 * @param found what could be decoded. <em>Not</em> checked, not even against itself: indices may point nowhere, and there
 *     may be more functions than bodies. Lists of sections that could not be read are empty or cut off; of sections of one
 *     kind only the first is read
 * @param needs each proposal once for each function and once for all that lies outside of functions, in the order of the
 *     binary
 * @param faults why parts of the binary could not be read; each section and each function is read for itself, up to its
 *     first fault. What was left out because there is too much of it comes first
 */
public record ModuleDescription(List<Section> sections, WasmModule found, List<Need> needs, List<Fault> faults) {

    /**
     * @param name of the kind, such as {@code import}; of custom sections their own in quotes
     * @param offset of the contents in the binary
     * @param bytes that the section says it has, as far as they are there
     */
    public record Section(String name, int offset, int bytes) {}

    /**
     * A proposal that is needed.
     *
     * @param what the instruction or the construct where it is first met in that function, or outside of functions
     * @param function index of the function, or -1 outside of functions
     */
    public record Need(Proposal proposal, String what, int function, BinaryPlace place) {}

    /**
     * @param what the fault in the wording of the specification's tests, with what was found
     * @param proposal in which the bytes would be right, if one is known
     */
    public record Fault(String what, BinaryPlace place, @Nullable Proposal proposal) {}
}
