/** The embedding API and what providers must offer. */
module org.sallyport.api {
    requires transitive org.sallyport.wasm;

    exports org.sallyport;
    exports org.sallyport.contract;
    exports org.sallyport.spi;

    uses org.sallyport.EngineFactory;
}
