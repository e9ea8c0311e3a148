package org.sallyport.engine;

import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.Mode;

/**
 * What a module's data segments make of its own memory 0, as an image that instances map instead of copying. It is made
 * for the second instance, and only where it pays and nothing can go wrong: constant offsets, everything inside of the
 * initial size, not too little and not too thinly spread.
 */
final class InitialMemory implements AutoCloseable {
    private static final int LEAST = 32 << 10;
    /** How many times larger than the data the image may be. */
    private static final int THINNEST = 4;
    private static final int PAGE = 64 << 10;

    private final InstanceAllocator allocator;
    private final EngineHoldings holdings;
    private final ResourceAccount account;
    private final WasmModule module;
    private final @Nullable MemoryType memory;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile @Nullable MemoryImage image;

    /**
     * @param holdings know the image while there is one
     * @param account that is charged meanwhile
     * @param memory type of memory 0 if the module defines it itself, or null
     */
    InitialMemory(
            InstanceAllocator allocator,
            EngineHoldings holdings,
            ResourceAccount account,
            WasmModule module,
            @Nullable MemoryType memory) {
        this.allocator = allocator;
        this.holdings = holdings;
        this.account = account;
        this.module = module;
        this.memory = memory;
    }

    /**
     * The image that holds all active segments of memory 0, or null if they must be copied.
     *
     * @param step called for each segment that is looked at; what it throws ends it, and the segments are copied for ever
     */
    @Nullable MemoryImage image(Runnable step) {
        if (memory != null && asked.incrementAndGet() == 2) {
            image = make(memory, step);
        }
        return image;
    }

    private @Nullable MemoryImage make(MemoryType type, Runnable step) {
        long low = Long.MAX_VALUE;
        long high = 0;
        long bytes = 0;
        for (DataSegment segment : module.data()) {
            step.run();
            if (isOfMemory0(segment)) {
                long start = offset(segment);
                if (start < 0) {
                    return null;
                }
                low = Math.min(low, start);
                high = Math.max(high, start + segment.bytes().length());
                bytes += segment.bytes().length();
            }
        }
        low &= -PAGE;
        boolean fits = type.pageSizeLog2() == MemoryType.PAGE_SIZE_LOG2
                && high <= Math.min(type.limits().min(), 1 << 15) << MemoryType.PAGE_SIZE_LOG2;
        if (!fits || bytes < LEAST || high - low > THINNEST * bytes + PAGE) {
            return null;
        }
        MemoryImage made = allocator.newImage(low, contents(low, (int) (high - low), step), account);
        if (made != null) {
            holdings.add(made);
        }
        return made;
    }

    private byte[] contents(long low, int size, Runnable step) {
        byte[] contents = new byte[size];
        for (DataSegment segment : module.data()) {
            step.run();
            if (isOfMemory0(segment)) {
                int at = (int) (offset(segment) - low);
                System.arraycopy(
                        module.binary(), segment.bytes().start(), contents, at, segment.bytes().length());
            }
        }
        return contents;
    }

    private static boolean isOfMemory0(DataSegment segment) {
        return segment.mode() instanceof Mode.Active(int index, var _) && index == 0;
    }

    /** The constant offset, or -1 if it is not constant or beyond 2 GiB. */
    private long offset(DataSegment segment) {
        WasmModule.Expr expression = ((Mode.Active) segment.mode()).offset();
        CodeReader code = new CodeReader(module.binary(), expression.start(), expression.end());
        Opcode op = code.next();
        long value = code.bits();
        boolean isConstant = (op == Opcode.I32_CONST || op == Opcode.I64_CONST) && code.next() == Opcode.END;
        return isConstant && value <= Integer.MAX_VALUE ? value : -1;
    }

    @Override
    public void close() {
        MemoryImage made = image;
        if (made != null) {
            holdings.close(made);
        }
    }
}
