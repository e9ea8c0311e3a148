/** WASI preview 1 as host modules. */
module org.sallyport.wasi {
    requires transitive org.sallyport.api;

    exports org.sallyport.wasi;
}
