package org.sallyport.wasm;

/**
 * A memory type (WebAssembly 3.0, 2.3.14; shared: threads proposal; page size: custom-page-sizes proposal).
 *
 * @param limits in pages of {@code 1 << pageSizeLog2} bytes
 * @param pageSizeLog2 16 unless the custom-page-sizes proposal is used
 */
public record MemoryType(AddressType address, Limits limits, boolean shared, int pageSizeLog2) {
    public static final int PAGE_SIZE_LOG2 = 16;

    public static MemoryType of(Limits limits) {
        return new MemoryType(AddressType.I32, limits, false, PAGE_SIZE_LOG2);
    }
}
