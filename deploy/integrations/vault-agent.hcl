# Vault Agent: writes each credential into a file of its own, which the exporter reads again when it changes.
vault {
  address = "https://vault.example:8200"
}

auto_auth {
  method "approle" {
    config = {
      role_id_file_path   = "/etc/vault-agent/role-id"
      secret_id_file_path = "/etc/vault-agent/secret-id"
    }
  }
}

template {
  contents    = "{{ with secret \"secret/data/saasbackup-exporter\" }}{{ index .Data.data \"datto-public-key\" }}{{ end }}"
  destination = "/run/saasbackup-credentials/datto-public-key"
  perms       = "0640"
}

template {
  contents    = "{{ with secret \"secret/data/saasbackup-exporter\" }}{{ index .Data.data \"datto-secret-key\" }}{{ end }}"
  destination = "/run/saasbackup-credentials/datto-secret-key"
  perms       = "0640"
}
