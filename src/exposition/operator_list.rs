//! Names the lists of the operator.

/// A list of the operator that some families require.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorList {
    /// The expected tenants.
    Expected,
    /// The seats that are paid for at a source.
    Commitments,
    /// The expected tenants, with columns that become labels.
    TenantLabels,
    /// The restore tests.
    RestoreTests,
}
