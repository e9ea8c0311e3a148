package org.sallyport.cli;

import java.util.List;

/**
 * What a core dump says of a guest that failed: WebAssembly tool-conventions, Coredump.md. {@link CoreDumpWriter} writes it,
 * {@link CoreDumpReader} reads it.
 *
 * @param executable the name of the module that was run
 * @param modules names
 * @param memories of all instances
 * @param globals of all instances
 */
record CoreDump(
        String executable,
        List<String> modules,
        List<InstanceOf> instances,
        List<ThreadOf> threads,
        List<MemoryOf> memories,
        List<GlobalOf> globals) {

    static final String CORE = "core";
    static final String MODULES = "coremodules";
    static final String INSTANCES = "coreinstances";
    static final String STACK = "corestack";
    /**
     * Of ours, which others skip: what each call is called and where it is in the source, for readers without the module. A list
     * of lines for each frame of each thread, in the order of {@link #STACK}.
     */
    static final String LINES = "sallyport.lines";

    /** Lists hold indices of the dump's memories and globals, in the order of the instance's own. */
    record InstanceOf(int module, List<Integer> memories, List<Integer> globals) {}

    /** @param frames the youngest first */
    record ThreadOf(String name, List<Frame> frames) {}

    /**
     * A call.
     *
     * @param offset of the instruction from the start of the function's body; 0 where it is not known
     * @param locals how many there are; the values are in registers that nobody describes, so each is a missing one
     * @param lines the call in words ({@link org.sallyport.GuestFrame#describe}), of functions copied into this one too; empty in
     *     dumps that have no section {@link #LINES}
     */
    record Frame(int instance, int function, int offset, int locals, List<String> lines) {}

    /** @param pages what it had when the guest failed */
    record MemoryOf(boolean is64, int pageSizeLog2, long pages, List<Segment> segments) {
        long bytes() {
            return pages << pageSizeLog2;
        }
    }

    /** @param bytes what is not zero about it lies in segments */
    record Segment(long address, byte[] bytes) {}

    /** @param type as in the binary format; {@code bits} of a number, of a vector the low ones first; 0 for references */
    record GlobalOf(int type, long bits, long high) {}
}
