/** Vocabulary of WebAssembly: types, opcode table, instruction reader and module records. */
module org.sallyport.wasm {
    exports org.sallyport.wasm;
}
