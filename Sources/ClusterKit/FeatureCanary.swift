// A misspelled feature name in Package.swift is accepted in silence. Each of these fails the build instead.

#if !hasFeature(ExistentialAny)
    #error("ExistentialAny is off: see the settings in Package.swift")
#endif
#if !hasFeature(MemberImportVisibility)
    #error("MemberImportVisibility is off: see the settings in Package.swift")
#endif
#if !hasFeature(InternalImportsByDefault)
    #error("InternalImportsByDefault is off: see the settings in Package.swift")
#endif
#if !hasFeature(NonisolatedNonsendingByDefault)
    #error("NonisolatedNonsendingByDefault is off: see the settings in Package.swift")
#endif
#if !hasFeature(InferIsolatedConformances)
    #error("InferIsolatedConformances is off: see the settings in Package.swift")
#endif
#if !hasFeature(ImmutableWeakCaptures)
    #error("ImmutableWeakCaptures is off: see the settings in Package.swift")
#endif
